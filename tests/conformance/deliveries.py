"""What the tests of delivery share: a keyed signal, receivers that do as they are told, and workers to run them."""

import contextlib
import json
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from conformance.visits import visit
from django.db import connections, transaction
from django.utils import timezone

from heliograph import Signal, receiver
from heliograph.delivery.decisions.retry import RetryPolicy
from heliograph.delivery.declaration.registry import undeclare
from heliograph.delivery.sql.dialect import statements
from heliograph.delivery.worker import membership
from heliograph.delivery.worker.hands import Hands
from heliograph.delivery.worker.hung import end_hung
from heliograph.delivery.worker.readings import readings
from heliograph.delivery.worker.sharing import Row
from heliograph.delivery.worker.station import Station
from heliograph.delivery.worker.takeover import take
from heliograph.log.execute import rows
from heliograph.log.log import log_of
from heliograph.models import Delivery, Event, Partition, Position, Subscription, Worker

DEADLINE = 30

#: Failures are tried again at once, or not while a test lasts.
AT_ONCE = RetryPolicy(max_attempts=3, base_seconds=0)
MUCH_LATER = RetryPolicy(max_attempts=3, base_seconds=3600)

sent = Signal(name="gallery.sent", key="key")
answered = Signal(name="gallery.answered", key="key")

CLERK = "gallery.clerk"


class Clerk:
    """A receiver that does as it is told and keeps what it was called with."""

    def __init__(self, does=None):
        self.does = does or (lambda **_: None)
        self.calls = []

    def __call__(self, **named):
        self.calls.append(named)
        return self.does(**named)

    @property
    def notes(self):
        return [call["note"] for call in self.calls]


def write(note, using, **_):
    """A receiver that leaves a visit."""
    visit(using, note)


@contextlib.contextmanager
def receiving(does=None, *, signals=sent, name=CLERK, **options):
    """Have a durable receiver meanwhile."""
    clerk = Clerk(does)
    receiver(signals, durable=True, name=name, **options)(clerk)
    try:
        yield clerk
    finally:
        undeclare(name)


def send(alias, *notes, key=None, signal=sent):
    """Send each of some notes in a transaction of its own."""
    for note in notes:
        with transaction.atomic(using=alias):
            signal.send(None, note=note, key=key, using=alias)


def send_keyed(alias, *notes):
    """Send notes whose first letter is their key."""
    for note in notes:
        send(alias, note, key=note[0])


def work(alias, *, threads=1, only=()):
    """Have a worker run all that is owed and due."""
    station = Station(alias, threads=threads, only=only, drain=True)
    station.start()
    station.join(DEADLINE)
    assert not station.is_alive(), "the worker goes on and on"


@contextlib.contextmanager
def working(alias, *, threads=1):
    """Have a worker run meanwhile."""
    station = Station(alias, threads=threads, only=())
    station.start()
    try:
        yield station
    finally:
        station.stop()
        station.join(DEADLINE)
        assert not station.is_alive(), "the worker does not stop"


def eventually(condition):
    """Wait until something is so, and return it."""
    deadline = time.monotonic() + DEADLINE
    while not (answer := condition()):
        assert time.monotonic() < deadline, "it never came to be so"
        time.sleep(0.005)
    return answer


class Bench:
    """A worker whose every step the test takes itself, in a thread of its own."""

    def __init__(self, alias):
        self.alias = alias
        self.stop = threading.Event()
        self._thread = ThreadPoolExecutor(1)
        self.do(self._open)

    def _open(self):
        self.hands = Hands(self.alias, "bench", self.stop)
        self.hands.open()
        self.number = membership.begin(self.hands.own)

    def do(self, step, *given):
        return self.start(step, *given).result(DEADLINE)

    def start(self, step, *given):
        """Begin a step and return its future."""
        return self._thread.submit(step, *given)

    def take(self, *, name=CLERK, number=0, died=False, before=None):
        """Own a partition."""
        return self.do(lambda: self.take_as_seen(self.look(name, number), died=died, before=before))

    def look(self, name=CLERK, number=0):
        """Return a partition as it is now; a step."""
        own = self.hands.own
        found = [Row._make(row) for row in rows(own, statements(own).PARTITIONS)]
        subscription = Subscription.objects.using(self.alias).get(name=name).pk
        (row,) = (row for row in found if (row.subscription, row.number) == (subscription, number))
        return row

    def take_as_seen(self, row, *, died=False, before=None):
        """Own a partition as it was seen; a step."""
        reading = readings(self.hands.own, ())[row.subscription]
        return take(self.hands.work, row, reading, self.number, before, died=died)

    def end_hung(self, other, actor):
        """Give up another one's thread, which hangs in a turn; a step."""
        other.hands.given_up, held = True, other.hands.held
        return end_hung(self.hands.work, other.hands, actor, held, other.number)

    def turn(self, actor):
        """Give an actor a turn."""
        return self.do(self._turn, actor)

    def turns(self, actor):
        """Give an actor turns as long as it has more to do."""
        while self.turn(actor):
            pass

    def start_turn(self, actor):
        return self.start(self._turn, actor)

    def _turn(self, actor):
        log = self.hands.log
        eventually(lambda: log.sequence() is not None)
        actor.has_due = True
        return actor.turn(self.hands, log.last_position())

    def close(self):
        self.do(self._close)
        self._thread.shutdown()

    def _close(self):
        self.hands.close()
        connections.close_all()


@contextlib.contextmanager
def bench(alias):
    """Have a bench meanwhile."""
    opened = Bench(alias)
    try:
        yield opened
    finally:
        opened.close()


def deliveries(alias, *fields, name=CLERK):
    """The rows of what is in trouble, by position; of several fields, if they are named."""
    found = Delivery.objects.using(alias).filter(subscription__name=name).order_by("position")
    return list(found.values_list(*fields, flat=len(fields) == 1) if fields else found)


def errors(delivery):
    """The errors of a delivery."""
    return json.loads(delivery.errors)


def notes_by_state(alias, name=CLERK):
    """The notes of the events in trouble, by state."""
    found = {}
    for delivery in deliveries(alias, name=name):
        payload = Event.objects.using(alias).values_list("payload", flat=True).get(pk=delivery.event_id)
        payload = json.loads(payload) if isinstance(payload, str) else payload
        found.setdefault(delivery.state, []).append(payload["note"])
    return found


def make_due(alias):
    """Let the time of all that waits have come."""
    Delivery.objects.using(alias).update(due_at=timezone.now() - timedelta(hours=1))


def partition(alias, *, name=CLERK, number=0):
    """A partition's row."""
    return Partition.objects.using(alias).get(subscription__name=name, number=number)


def partitions(alias, name=CLERK):
    """All partitions of a subscription."""
    return Partition.objects.using(alias).filter(subscription__name=name)


def last_position(alias):
    """As far as the log has come."""
    log = log_of(connections[alias])
    eventually(lambda: log.sequence() is not None)
    return log.last_position()


def swap_with_the_next(alias, position):
    """Have an event and the one behind it change places, as a server may have it that knows another order."""
    for place, other in (position, 0), (position + 1, position), (0, position + 1):
        Position.objects.using(alias).filter(position=place).update(position=other)


def foreign_worker(alias, *, host="elsewhere", pid=1, silent_seconds=0.0):
    """The row of a worker on another machine, which gave its last sign some time ago."""
    heartbeat = timezone.now() - timedelta(seconds=silent_seconds)
    return Worker.objects.using(alias).create(
        host=host, pid=pid, started_at=heartbeat, heartbeat_at=heartbeat, state="running"
    )
