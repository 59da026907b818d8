"""Delivery against a plain model: whatever happens in whatever order, each event takes effect once, in order."""

import contextlib
import itertools
import json
import threading
from collections import Counter

import pytest
from conformance.databases import COMMITTING
from conformance.deliveries import AT_ONCE, Clerk, eventually
from conformance.logs import Session
from conformance.visits import visit
from django.db import Error, connections
from gallery.models import Visit
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from heliograph import Signal, receiver
from heliograph.delivery.declaration.registry import undeclare
from heliograph.delivery.operate.letters import reject, retry
from heliograph.delivery.operate.pausing import pause, resume
from heliograph.delivery.operate.pruning import prune
from heliograph.delivery.operate.replaying import Chosen, replay
from heliograph.delivery.registration.register import register
from heliograph.delivery.sql.dialect import statements
from heliograph.delivery.worker import membership
from heliograph.delivery.worker.attempts import DisconnectedError, LostError
from heliograph.delivery.worker.hands import Hands
from heliograph.delivery.worker.readings import readings
from heliograph.delivery.worker.sharing import Row
from heliograph.delivery.worker.takeover import take
from heliograph.log.execute import rows
from heliograph.log.log import log_of
from heliograph.models import Delivery, Event, Partition, Subscription, Worker

from conformance.logs import recording  # isort: skip

pytestmark = COMMITTING

KEYS = ("a", "b", None)
MODES = ({}, {"batch": 1}, {"batch": 3}, {"ordering": "strict"}, {"atomic": False})

machine_signal = Signal(name="gallery.machine", key="key")

_names = (f"gallery.machine_{number}" for number in itertools.count())


class Hand:
    """A worker whose turns are taken in this thread."""

    def __init__(self, alias):
        self.alias = alias
        self.begin()

    def begin(self):
        with self.at_work(opening=True):
            self.hands = Hands(self.alias, "machine", threading.Event())
            self.hands.open()
        self.number = membership.begin(self.hands.own)
        self.actors = {}

    @contextlib.contextmanager
    def at_work(self, opening=False):
        """Let the thread's connection be this worker's."""
        before = connections[self.alias]
        if not opening:
            connections[self.alias] = self.hands.work
        try:
            yield
        finally:
            connections[self.alias] = before

    def die(self):
        """Go without a word, and begin anew as another worker."""
        self.hands.close()
        self.begin()

    def leave(self):
        self.hands.close()


class Machine(RuleBasedStateMachine):
    """A log with its writers, two workers, and the operator; beside it, what has to come of it."""

    alias = "archive"

    def __init__(self):
        super().__init__()
        self.name = next(_names)
        self.notes = itertools.count(1)
        self.clerk = Clerk(self.does)
        self.failures = {}
        self.crash_in = None
        self.committed = {}
        self.allowed = Counter()
        self.out_of_order = set()
        self.rejected = set()
        self.open = {}
        self.rested = {}
        self.writers = [Session(self.alias) for _ in range(2)]
        self.mode = None
        self.main = connections[self.alias]

    # What the receiver does.

    def does(self, note, using, **_):
        visit(using, note)
        if self.crash_in is not None:
            self.crash_in -= 1
            if self.crash_in < 0:
                connections[using].connection.close()
                raise SystemExit
        if self.failures.get(note, 0) > 0:
            self.failures[note] -= 1
            raise ValueError(note)

    def declare(self, partitions):
        undeclare(self.name)
        receiver(machine_signal, durable=True, name=self.name, retry=AT_ONCE, partitions=partitions, **self.mode)(
            self.clerk
        )
        register(self.alias)

    @precondition(lambda self: self.mode is None)
    @rule(mode=st.sampled_from(MODES), partitions=st.integers(1, 3))
    def set_up(self, mode, partitions):
        self.mode = mode
        self.log = log_of(self.main)
        self.sequence()
        self.declare(partitions)
        self.subscription = Subscription.objects.using(self.alias).get(name=self.name).pk
        self.signal = self.log.signals(["gallery.machine"])["gallery.machine"]
        self.workers = [Hand(self.alias) for _ in range(2)]

    def is_set_up(self):
        return self.mode is not None

    # Writers.

    @precondition(is_set_up)
    @rule(
        writer=st.integers(0, 1),
        keys=st.lists(st.sampled_from(KEYS), min_size=1, max_size=4),
        failures=st.sampled_from([0, 0, 0, 1, 2, 3]),
        ends=st.sampled_from(["commit", "commit", "roll back", "stay open"]),
    )
    def write(self, writer, keys, failures, ends):
        session = self.writers[writer]
        locked = {key for other, (_, locks) in self.open.items() if other != writer for key in locks}
        keys = [key for key in keys if key not in locked]  # the writer would wait for the other one
        if writer not in self.open:
            session.begin()
            self.open[writer] = ([], set())
        written, locks = self.open[writer]
        locks.update(key for key in keys if key is not None)
        for key in keys:
            note = str(next(self.notes))
            self.failures[note] = failures
            payload = json.dumps({"note": note, "key": key, "using": self.alias})
            session.log.append([recording(payload, key=key, signal=self.signal)])
            written.append((note, key))
        if ends == "stay open" and self.main.vendor == "postgresql":
            return
        self.end(writer, commits=ends != "roll back")

    @precondition(lambda self: self.open)
    @rule(writer=st.integers(0, 1), commits=st.booleans())
    def end_writing(self, writer, commits):
        if writer in self.open:
            self.end(writer, commits=commits)

    def end(self, writer, *, commits):
        written, _ = self.open.pop(writer)
        if not commits:
            self.writers[writer].roll_back()
            return
        self.writers[writer].commit()
        for note, key in written:
            self.committed.setdefault(key, []).append(note)
            self.allowed[note] = 1

    @precondition(is_set_up)
    @rule()
    def sequence(self):
        eventually(lambda: log_of(self.main).sequence() is not None)

    # Workers.

    @precondition(is_set_up)
    @rule(worker=st.integers(0, 1), choice=st.integers(0, 5))
    def take(self, worker, choice):
        found = self.runnable()
        if found:
            self.take_row(self.workers[worker], found[choice % len(found)])

    def runnable(self):
        found = [Row._make(row) for row in rows(self.main, statements(self.main).PARTITIONS)]
        found = [row for row in found if row.subscription == self.subscription]
        changing = any(row.until is not None for row in found)
        return [row for row in found if not row.paused and (row.until is not None or not changing)]

    def take_row(self, worker, row):
        reading = readings(worker.hands.own, ())[self.subscription]
        with worker.at_work():
            died = row.worker not in (None, worker.number)
            actor = take(worker.hands.work, row, reading, worker.number, None, died=died)
        assert actor is not None
        worker.actors[row.id] = actor

    @precondition(is_set_up)
    @rule(worker=st.integers(0, 1), choice=st.integers(0, 5))
    def turn(self, worker, choice):
        worker = self.workers[worker]
        actors = list(worker.actors.values())
        if actors:
            self.turn_of(worker, actors[choice % len(actors)])

    def turn_of(self, worker, actor):
        more = False
        with worker.at_work():
            try:
                more = actor.turn(worker.hands, worker.hands.log.last_position())
            except LostError:
                actor.lost = True
        if actor.lost:
            worker.actors = {number: each for number, each in worker.actors.items() if each is not actor}
        return more

    @precondition(is_set_up)
    @rule(worker=st.integers(0, 1), choice=st.integers(0, 5), calls=st.integers(0, 3))
    def crash(self, worker, choice, calls):
        """The process dies in a turn, with the event in hand; or between turns, if it does not come to that."""
        worker = self.workers[worker]
        actors = list(worker.actors.values())
        if actors:
            self.crash_in = calls
            with contextlib.suppress(DisconnectedError, Error):
                self.turn_of(worker, actors[choice % len(actors)])
            self.crash_in = None
        worker.die()

    @precondition(lambda self: self.is_set_up() and self.main.vendor == "postgresql")
    @rule(worker=st.integers(0, 1), choice=st.integers(0, 5), calls=st.integers(0, 3))
    def lose_session(self, worker, choice, calls):
        """The session is gone in a turn, with the event in hand, and the worker goes on with another one."""
        worker = self.workers[worker]
        actors = list(worker.actors.values())
        if not actors:
            return
        actor = actors[choice % len(actors)]
        self.crash_in = calls
        try:
            self.turn_of(worker, actor)
        except DisconnectedError as gone:
            with worker.at_work(), contextlib.suppress(LostError):
                actor.recover(worker.hands, gone, restarted=worker.hands.reopen())
        self.crash_in = None

    @precondition(is_set_up)
    @rule(worker=st.integers(0, 1))
    def stop(self, worker):
        worker = self.workers[worker]
        with worker.at_work():
            for actor in worker.actors.values():
                actor.hand_back(worker.hands.own, 0.0)
        worker.actors = {}

    # The operator.

    @precondition(is_set_up)
    @rule(partitions=st.integers(1, 3))
    def repartition(self, partitions):
        self.declare(partitions)

    @precondition(is_set_up)
    @rule()
    def pause_or_resume(self):
        assert pause(self.alias, self.name) or resume(self.alias, self.name)

    @precondition(is_set_up)
    @rule()
    def retry_all(self):
        self.out_of_order |= self.in_state("dead", "retrying", "running")
        retry(self.alias, receiver=self.name)

    @precondition(is_set_up)
    @rule(choice=st.integers(0, 5))
    def reject_one(self, choice):
        found = list(Delivery.objects.using(self.alias).filter(subscription=self.subscription).order_by("position"))
        if found:
            delivery = found[choice % len(found)]
            note = self.note_of(delivery)
            self.rejected.add(note)
            assert reject(self.alias, [delivery.pk]).count == 1

    @precondition(is_set_up)
    @rule(key=st.sampled_from(KEYS))
    def replay(self, key):
        waiting = self.in_state("retrying", "running", "held", "dead")
        there = set(self.notes_in_log())
        again = {
            note
            for note in (set(self.visited()) | self.rejected) - waiting
            if note in there and (key is None or note in self.committed.get(key, ()))
        }
        replay(self.alias, self.name, Chosen(key=key))
        for note in again:
            self.allowed[note] += 1
        self.out_of_order |= again | self.in_state("dead")

    @precondition(is_set_up)
    @rule()
    def prune(self):
        prune(self.alias)

    # What has to be so.

    @invariant()
    def a_paused_receiver_rests(self):
        """Whoever owned a partition when it was paused moves it no further."""
        if self.mode is not None:
            found = [Row._make(row) for row in rows(self.main, statements(self.main).PARTITIONS)]
            now = {row.id: row.position for row in found if row.paused}
            assert now.items() >= {number: self.rested[number] for number in self.rested.keys() & now.keys()}.items()
            self.rested = now

    @invariant()
    def nothing_is_doubled_or_made_up(self):
        if self.mode is None:
            return
        self.out_of_order |= self.in_state("dead")
        if self.mode.get("atomic", True):
            for note, count in Counter(self.visited()).items():
                assert count <= self.allowed[note] + (note in self.rejected), f"{note} has come {count} times"

    @invariant()
    def no_delivery_is_ahead_of_its_partition(self):
        if self.mode is None:
            return
        partitions = Partition.objects.using(self.alias).filter(subscription=self.subscription)
        for delivery in Delivery.objects.using(self.alias).filter(subscription=self.subscription):
            mine = [each for each in partitions if delivery.spread % each.count == each.number]
            assert all(delivery.position <= each.position for each in mine), f"{delivery} is ahead of {mine}"

    @invariant()
    def keys_keep_their_order(self):
        if self.mode is None or not self.mode.get("atomic", True):
            return
        visited = self.visited()
        for key, notes in self.committed.items():
            wanted = [note for note in notes if note not in self.out_of_order | self.rejected]
            if key is not None:
                got = [note for note in visited if note in wanted]
                assert got == [note for note in wanted if note in got], f"{key} got out of order"

    def teardown(self):
        try:
            if self.mode is not None:
                self.drain()
                self.nothing_is_doubled_or_made_up()
                self.keys_keep_their_order()
                lost = self.allowed.keys() - self.rejected - set(self.visited())
                assert not lost, f"{lost} were lost"
        finally:
            self.clean_up()

    def drain(self):
        """Let everything be delivered that is owed."""
        self.failures.clear()
        for writer in list(self.open):
            self.end(writer, commits=True)
        worker = self.workers[0]
        resume(self.alias, self.name)
        for _ in range(50):
            self.sequence()
            self.out_of_order |= self.in_state("dead")
            retry(self.alias, receiver=self.name)
            found = self.runnable()
            for row in found:
                self.take_row(worker, row)
                actor = worker.actors[row.id]
                while self.turn_of(worker, actor):
                    pass
            is_changing = any(row.until is not None for row in found)
            if not is_changing and not self.in_state("retrying", "running", "held", "dead"):
                return
        raise AssertionError(f"still in trouble: {self.in_state('retrying', 'running', 'held', 'dead')}")

    def clean_up(self):
        undeclare(self.name)
        for writer in self.writers:
            writer.close()
        for worker in getattr(self, "workers", ()):
            worker.leave()
        for model in (Subscription, Worker, Event, Visit):
            model.objects.using(self.alias).all().delete()

    def visited(self):
        return list(Visit.objects.using(self.alias).order_by("pk").values_list("note", flat=True))

    def in_state(self, *states):
        found = Delivery.objects.using(self.alias).filter(subscription=self.subscription, state__in=states)
        return {self.note_of(delivery) for delivery in found}

    def note_of(self, delivery):
        return _note(Event.objects.using(self.alias).get(pk=delivery.event_id))

    def notes_in_log(self):
        return [_note(event) for event in Event.objects.using(self.alias).filter(signal=self.signal)]


def _note(event):
    payload = event.payload
    return (json.loads(payload) if isinstance(payload, str) else payload)["note"]


@pytest.fixture
def at_once(settings):
    """Keep no event longer than it is needed."""
    settings.HELIOGRAPH = {"RETENTION_SECONDS": 0}


@pytest.mark.usefixtures("at_once")
def test_whatever_happens_each_event_takes_effect_once(lasting_alias):
    run_state_machine_as_test(
        type("Machine", (Machine,), {"alias": lasting_alias}),
        settings=settings(
            max_examples=25,
            stateful_step_count=40,
            deadline=None,
            derandomize=True,
            database=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        ),
    )
