"""Operators at the same moment as each other and as the owner of a partition.

On PostgreSQL several sessions are held in the middle of their transactions. SQLite has one writer at a time, so there
the same happens one after another.
"""

import contextlib
import threading
import time

import pytest
from conformance.databases import COMMITTING
from conformance.desk import NAME, Desk, Owner
from conformance.logs import DEADLINE, sessions
from django.db import connections, transaction

from heliograph.delivery.operate.dropping import drop
from heliograph.delivery.operate.letters import reject, retry
from heliograph.delivery.operate.pausing import pause
from heliograph.delivery.operate.pruning import prune
from heliograph.delivery.operate.replaying import Chosen, replay
from heliograph.delivery.sql import portable
from heliograph.models import Delivery

pytestmark = COMMITTING


@pytest.fixture
def alias(lasting_alias):
    return lasting_alias


@pytest.fixture
def desk(alias):
    return Desk(alias)


@pytest.fixture
def owner_of(request):
    """Makes a worker's session that owns the one partition of a subscription."""
    with contextlib.ExitStack() as stack:

        def make(desk, subscription):
            session = stack.enter_context(sessions(desk.alias))()
            return Owner(session, desk.partitions(subscription).get())

        yield make


class Meanwhile:
    """Something that runs in a thread, with a session of its own, while the test goes on."""

    def __init__(self, alias, work):
        self.result = self.error = self.session = None
        self._alias = alias
        self._work = work
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self):
        try:
            with connections[self._alias].cursor() as cursor:
                cursor.execute("select pg_backend_pid()")
                (self.session,) = cursor.fetchone()
            self.result = self._work()
        except Exception as error:  # noqa: BLE001 - told to whoever waits for the end
            self.error = error
        finally:
            connections[self._alias].close()

    def has_to_wait(self):
        """Wait until its session waits for a lock."""
        self._until(self._is_waiting, "it does not wait for anybody")
        return self

    def end(self):
        """Wait for its end and return its result."""
        self._until(lambda: not self._thread.is_alive(), "it does not come to an end")
        if self.error:
            raise self.error
        return self.result

    def _is_waiting(self):
        assert self._thread.is_alive(), f"it did not wait: {self.result!r} {self.error!r}"
        with connections[self._alias].cursor() as cursor:
            cursor.execute("select 1 from pg_stat_activity where pid = %s and wait_event_type = 'Lock'", [self.session])
            return cursor.fetchone() is not None

    def _until(self, condition, complaint):
        deadline = time.monotonic() + DEADLINE
        while not condition():
            assert time.monotonic() < deadline, complaint
            time.sleep(0.01)


def test_what_is_rejected_while_it_runs_cannot_be_finished(desk, alias, owner_of):
    subscription = desk.subscribe()
    first, second = desk.send("a", "a")
    delivery = desk.deliver(subscription, first, "retrying", key="a")
    desk.deliver(subscription, second, "held", key="a")
    owner = owner_of(desk, subscription)
    assert owner.claim(delivery)
    assert reject(alias, [delivery.pk]).count == 1
    assert not owner.is_owner()
    assert not owner.finish(delivery)
    assert not owner.move(second)
    assert desk.due(subscription) == [second]


@pytest.mark.parametrize("verb", ["retry", "reject", "replay", "pause"])
def test_an_owner_commits_nothing_of_what_it_had_in_hand_when_an_operator_came(desk, alias, owner_of, verb):
    subscription = desk.subscribe()
    positions = desk.send("a", "b")
    desk.partitions(subscription).update(position=positions[0])
    letter = desk.deliver(subscription, positions[0], "dead", key="a")
    running = desk.deliver(subscription, positions[1], "running", key="b")
    owner = owner_of(desk, subscription)
    operate(verb, alias, letter)
    assert not owner.finish(running)
    assert not owner.move(positions[1])
    assert desk.partitions(subscription).get().position == positions[0]


def test_nobody_takes_a_partition_that_was_paused_after_it_was_seen(desk, alias, owner_of):
    subscription = desk.subscribe()
    owner = owner_of(desk, subscription)
    worker = desk.worker()
    pause(alias, NAME)
    with owner.session.connection.cursor() as cursor:
        cursor.execute(portable.OWN, [worker.pk, owner.partition.pk, owner.epoch])
        assert cursor.rowcount == 0


def test_a_retry_that_finds_its_letter_gone_says_so(desk, alias):
    subscription = desk.subscribe()
    delivery = desk.deliver(subscription, *desk.send("a"), "dead", key="a")
    reject(alias, [delivery.pk])
    assert retry(alias, ids=[delivery.pk]).left == {delivery.pk: "done"}
    assert desk.states(subscription) == {}


def test_what_has_been_pruned_cannot_be_replayed_and_what_is_replayed_is_not_pruned(desk, alias):
    subscription = desk.subscribe()
    positions = desk.send("a", "b")
    desk.pass_all(subscription)
    desk.age(*positions)
    replay(alias, NAME, Chosen(key="a"))
    assert prune(alias).events == 1
    assert replay(alias, NAME, Chosen(key="b")).due == 0
    assert desk.states(subscription) == {positions[0]: "retrying"}


def operate(verb, alias, letter):
    return {
        "retry": lambda: retry(alias, ids=[letter.pk]),
        "reject": lambda: reject(alias, [letter.pk]),
        "replay": lambda: replay(alias, NAME, Chosen()),
        "pause": lambda: pause(alias, NAME),
    }[verb]()


# From here on with sessions that wait for each other.


@pytest.mark.parametrize("verb", ["retry", "reject", "replay", "pause"])
def test_an_operator_waits_for_what_an_owner_is_committing_and_then_stops_it(server, owner_of, verb):
    subscription = server.subscribe()
    (position,) = server.send("a")
    server.pass_all(subscription)
    letter = server.deliver(subscription, position, "dead", key="a")
    (later,) = server.send("a")
    claimed = server.deliver(subscription, later, "retrying", key="a")
    owner = owner_of(server, subscription)
    owner.session.begin()
    assert owner.claim(claimed)
    operator = Meanwhile("postgres", lambda: operate(verb, "postgres", letter)).has_to_wait()
    owner.session.commit()
    operator.end()
    assert not owner.finish(claimed)
    expected = {"retry": "held", "replay": "held", "reject": "running", "pause": "running"}[verb]
    assert server.states(subscription)[later] == expected


@pytest.mark.parametrize("verb", ["retry", "reject", "replay", "pause"])
def test_an_owner_that_comes_while_an_operator_is_at_it_finds_its_epoch_over(server, owner_of, verb):
    subscription = server.subscribe()
    (position,) = server.send("a")
    server.pass_all(subscription)
    letter = server.deliver(subscription, position, "dead", key="a")
    owner = owner_of(server, subscription)
    with transaction.atomic(using="postgres"):
        operate(verb, "postgres", letter)
        moving = Meanwhile("postgres", lambda: _moves(owner.partition, position))
        # Its session is asked by another one than that of the open transaction.
        _wait_for(owner.session, moving)
    assert moving.end() == 0


def _moves(partition, position):
    with connections["postgres"].cursor() as cursor:
        cursor.execute(portable.MOVE, [position, partition.pk, partition.epoch])
        return cursor.rowcount


def _wait_for(session, meanwhile):
    deadline = time.monotonic() + DEADLINE
    asked = "select 1 from pg_stat_activity where pid = %s and wait_event_type = 'Lock'"
    while meanwhile.session is None or not session.execute(asked, [meanwhile.session]):
        assert time.monotonic() < deadline, "it does not wait for anybody"
        time.sleep(0.01)


@pytest.mark.parametrize("first", ["retry", "reject", "replay"])
@pytest.mark.parametrize("second", ["retry", "reject", "replay", "pause"])
def test_operators_take_turns(server, owner_of, first, second):
    subscription = server.subscribe()
    (position,) = server.send("a")
    server.pass_all(subscription)
    letter = server.deliver(subscription, position, "dead", key="a")
    watch = owner_of(server, subscription).session
    with transaction.atomic(using="postgres"):
        operate(first, "postgres", letter)
        other = Meanwhile("postgres", lambda: operate(second, "postgres", letter))
        _wait_for(watch, other)
    result = other.end()
    if (first, second) == ("reject", "retry"):
        assert (result.due, server.states(subscription)) == (0, {})
    elif (first, second) == ("reject", "reject"):
        assert result.count == 0
    elif second == "replay" and first != "reject":
        assert (result.due, result.left) == (0, 1)
    elif (first, second) == ("reject", "replay"):
        assert server.due(subscription) == [position]
    assert Delivery.objects.using("postgres").filter(position=position).count() <= 1


def test_a_prune_sees_what_is_being_replayed(server, owner_of):
    subscription = server.subscribe()
    positions = server.send("a", "b")
    server.pass_all(subscription)
    server.age(*positions)
    watch = owner_of(server, subscription).session
    with transaction.atomic(using="postgres"):
        replay("postgres", NAME, Chosen(key="a"))
        pruning = Meanwhile("postgres", lambda: prune("postgres"))
        _wait_for(watch, pruning)
    assert pruning.end().events == 1
    assert server.states(subscription) == {positions[0]: "retrying"}
    assert server.events() == 1


def test_a_replay_does_not_see_what_is_being_pruned(server, owner_of):
    subscription = server.subscribe()
    positions = server.send("a", "b")
    server.pass_all(subscription)
    server.age(*positions)
    watch = owner_of(server, subscription).session
    with transaction.atomic(using="postgres"):
        assert prune("postgres").events == 2
        replaying = Meanwhile("postgres", lambda: replay("postgres", NAME, Chosen()))
        _wait_for(watch, replaying)
    assert replaying.end().due == 0
    assert server.states(subscription) == {}


def test_a_prune_holds_up_no_owner(server, owner_of):
    subscription = server.subscribe()
    positions = server.send("a", "b")
    server.pass_all(subscription)
    server.age(positions[0])
    owner = owner_of(server, subscription)
    with transaction.atomic(using="postgres"):
        assert prune("postgres").events == 1
        owner.session.execute("set lock_timeout = '1s'")
        assert owner.move(positions[1])


def test_an_owner_that_writes_a_delivery_does_not_deadlock_with_an_operator(server, owner_of):
    subscription = server.subscribe()
    positions = server.send("a", "b")
    server.pass_all(subscription)
    letter = server.deliver(subscription, positions[0], "dead", key="a")
    owner = owner_of(server, subscription)
    owner.session.begin()
    insert_a_delivery(owner, subscription, positions[1])
    operator = Meanwhile("postgres", lambda: retry("postgres", ids=[letter.pk]))
    assert operator.end().due == 1
    assert not owner.move(positions[1])
    owner.session.roll_back()


def test_a_drop_waits_for_an_owner_that_writes_a_delivery_which_finds_its_partition_gone(server, owner_of):
    subscription = server.subscribe()
    (position,) = server.send("a")
    owner = owner_of(server, subscription)
    owner.session.begin()
    insert_a_delivery(owner, subscription, position)
    owner.session.execute("set constraints all immediate")
    dropping = Meanwhile("postgres", lambda: drop("postgres", NAME)).has_to_wait()
    assert not owner.move(position)
    owner.session.roll_back()
    assert dropping.end().name == NAME
    assert server.states(subscription) == {}


def test_a_drop_takes_its_turn_before_it_locks_a_partition(server, owner_of):
    subscription = server.subscribe(count=1)
    operator = owner_of(server, subscription).session
    operator.begin()
    operator.execute("select 1 from heliograph_subscription where id = %s for no key update", [subscription.pk])
    dropping = Meanwhile("postgres", lambda: drop("postgres", NAME)).has_to_wait()
    assert operator.execute("select 1 from heliograph_partition for update nowait") == [(1,)]
    operator.commit()
    assert dropping.end().name == NAME


def insert_a_delivery(owner, subscription, position):
    owner.session.execute(
        "insert into heliograph_delivery "
        "(subscription_id, event_id, position, key, spread, state, attempts, kills, due_at, errors) "
        "values (%s, %s, %s, 'b', 0, 'retrying', 1, 0, now(), '[]')",
        [subscription.pk, position, position],
    )


@pytest.mark.parametrize("level", ["repeatable read", "serializable"])
def test_what_is_read_behind_a_lock_is_new_whatever_the_projects_isolation_level(server, owner_of, level, monkeypatch):
    from psycopg import IsolationLevel

    subscription = server.subscribe()
    (position,) = server.send("a")
    delivery = server.deliver(subscription, position, "retrying", key="a")
    owner = owner_of(server, subscription)
    owner.session.begin()
    assert owner.claim(delivery)

    def reject_at_the_projects_level():
        connections["postgres"].ensure_connection()
        connections["postgres"].connection.isolation_level = IsolationLevel[level.upper().replace(" ", "_")]
        return reject("postgres", [delivery.pk])

    operator = Meanwhile("postgres", reject_at_the_projects_level).has_to_wait()
    assert owner.finish(delivery)
    owner.session.commit()
    assert operator.end().count == 0
