"""Deadlocks and serialization failures between receivers and other sessions cost no attempt, five times."""

import threading

import pytest
from conformance.databases import COMMITTING
from conformance.deliveries import AT_ONCE, DEADLINE, deliveries, errors, receiving, send, work
from conformance.logs import sessions
from conformance.visits import visit, visits
from django.conf import settings
from django.db import connections, transaction
from gallery.models import Painting
from servers import POSTGRES_REMEDY, missing

pytestmark = COMMITTING

MODES = pytest.mark.parametrize(
    "mode", [{}, {"batch": 1}, {"batch": 10}, {"atomic": False}], ids=["shared", "one", "batch", "loose"]
)
WITHIN = pytest.mark.parametrize("mode", [{}, {"batch": 1}, {"batch": 10}], ids=["shared", "one", "batch"])


@pytest.fixture(autouse=True)
def postgres():
    if "postgres" not in settings.DATABASES:
        missing("No PostgreSQL server answers", POSTGRES_REMEDY)


@pytest.fixture
def serializable(monkeypatch):
    """Let the project's sessions have the highest isolation level."""
    from psycopg import IsolationLevel

    monkeypatch.setitem(connections.settings["postgres"]["OPTIONS"], "isolation_level", IsolationLevel.SERIALIZABLE)


@pytest.fixture
def session():
    with sessions("postgres") as session:
        yield session


@pytest.fixture
def rows():
    """Two rows over which there is a quarrel."""
    return [Painting.objects.using("postgres").create(title=title).pk for title in ("first", "second")]


class Deadlock:
    """A receiver that gets into a deadlock with another session, of which it is the victim, so many times."""

    def __init__(self, session, rows, times):
        self.session, self.rows, self.left = session, rows, times
        self.calls = 0

    def __call__(self, note, using, **_):
        self.calls += 1
        visit(using, note)
        if self.left:
            self.left -= 1
            with transaction.atomic(using=using), connections[using].cursor() as cursor:
                cursor.execute("set local deadlock_timeout = '5ms'")
                self._quarrel(cursor)

    def _quarrel(self, cursor):
        first, second = self.rows
        holds, other = threading.Event(), self.session()

        def opposite():
            other.begin()
            other.execute("set local deadlock_timeout = '60s'")
            other.execute("update gallery_painting set title = title where id = %s", [second])
            holds.set()
            other.execute("update gallery_painting set title = title where id = %s", [first])
            other.commit()

        cursor.execute("update gallery_painting set title = title where id = %s", [first])
        thread = threading.Thread(target=opposite)
        thread.start()
        assert holds.wait(DEADLINE)
        try:
            cursor.execute("update gallery_painting set title = title where id = %s", [second])
        finally:
            connections["postgres"].connection.rollback()
            thread.join(DEADLINE)


class Overtaken:
    """A receiver whose row is changed by another session, while it has read it already, so many times."""

    def __init__(self, session, rows, times):
        self.other, self.row, self.left = session(), rows[0], times
        self.calls = 0

    def __call__(self, note, using, **_):
        self.calls += 1
        visit(using, note)
        Painting.objects.using(using).get(pk=self.row)
        if self.left:
            self.left -= 1
            self.other.execute("update gallery_painting set title = title || '+' where id = %s", [self.row])
        Painting.objects.using(using).filter(pk=self.row).update(title="mine")


class Skewed:
    """A receiver that another session makes impossible to serialize, which shows at COMMIT, so many times."""

    def __init__(self, session, rows, times):
        self.other, self.left = session(), times
        self.calls = 0

    def __call__(self, note, using, **_):
        self.calls += 1
        count = Painting.objects.using(using).count()
        visit(using, note)
        if self.left:
            self.left -= 1
            self.other.begin()
            self.other.execute("set transaction isolation level serializable")
            self.other.execute("select count(*) from gallery_visit")
            self.other.execute("insert into gallery_painting (title) values (%s)", [f"{count} {note} {self.left}"])
            self.other.commit()


@MODES
def test_a_deadlock_costs_no_attempt(mode, session, rows):
    deadlock = Deadlock(session, rows, times=2)
    with receiving(deadlock, retry=AT_ONCE, **mode):
        send("postgres", "one", "two")
        work("postgres")
    assert deadlock.left == 0
    assert deliveries("postgres") == []
    done = visits("postgres")
    assert done == ["one", "two"] if mode.get("atomic", True) else set(done) == {"one", "two"}


@WITHIN
@pytest.mark.parametrize("conflict", [Overtaken, Skewed])
@pytest.mark.usefixtures("serializable")
def test_a_serialization_failure_costs_no_attempt(mode, conflict, session, rows):
    receiver = conflict(session, rows, times=3)
    with receiving(receiver, retry=AT_ONCE, **mode):
        send("postgres", "one", "two", "three")
        work("postgres")
    assert receiver.left == 0
    assert receiver.calls > 3
    assert visits("postgres") == ["one", "two", "three"]
    assert deliveries("postgres") == []


@WITHIN
@pytest.mark.usefixtures("serializable")
def test_after_five_conflicts_the_attempt_has_failed(mode, session, rows):
    receiver = Overtaken(session, rows, times=6)
    with receiving(receiver, **mode):
        send("postgres", "one")
        work("postgres")
    assert receiver.calls == 6
    (delivery,) = deliveries("postgres")
    assert (delivery.state, delivery.attempts, len(errors(delivery))) == ("retrying", 1, 1)
    assert "could not serialize" in errors(delivery)[0]["message"]


@pytest.mark.usefixtures("serializable")
@pytest.mark.parametrize("conflict", [Overtaken, Skewed])
def test_a_later_attempt_is_made_again_after_conflicts_too(conflict, session, rows):
    receiver = conflict(session, rows, times=0)

    def does(note, using, **named):
        if not receiver.calls:
            receiver.calls, receiver.left = 1, 5
            raise ValueError("first")
        receiver(note, using)

    with receiving(does, retry=AT_ONCE):
        send("postgres", "one")
        work("postgres")
    assert receiver.calls == 1 + 6
    assert visits("postgres") == ["one"]
    assert deliveries("postgres") == []


@pytest.mark.usefixtures("serializable")
def test_a_conflict_of_one_event_is_not_charged_to_the_others(session, rows):
    receiver = Overtaken(session, rows, times=0)

    def does(note, using, **_):
        if note == "five":
            receiver.left = 1
            receiver(note, using)
        else:
            visit(using, note)

    notes = ["one", "two", "three", "four", "five", "six", "seven"]
    with receiving(does, retry=AT_ONCE) as clerk:
        send("postgres", *notes)
        work("postgres")
    assert visits("postgres") == [note for note in notes if note != "five"]
    assert deliveries("postgres", "state", "attempts") == [("dead", 3)]
    assert clerk.notes.count("one") <= 1 + 5
