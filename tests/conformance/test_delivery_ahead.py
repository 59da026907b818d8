"""Pages that are read ahead of their turn, on PostgreSQL: sooner there, and otherwise as if they were not."""

from fractions import Fraction

import pytest
from conformance.databases import COMMITTING
from conformance.deliveries import bench, deliveries, partition, receiving, send, swap_with_the_next, write
from conformance.logs import sequence
from conformance.visits import visits
from django.conf import settings
from django.db import OperationalError
from psycopg.pq import TransactionStatus
from servers import POSTGRES_REMEDY, missing

from heliograph.delivery.worker import actor as actors
from heliograph.delivery.worker.attempts import DisconnectedError
from heliograph.delivery.worker.hands import Doing
from heliograph.events.codec import senders
from heliograph.models import Event

pytestmark = COMMITTING

MODES = pytest.mark.parametrize("mode", [{}, {"batch": 2}], ids=["shared", "batch"])


@pytest.fixture
def worker(monkeypatch):
    """A worker with pages of two events."""
    if "postgres" not in settings.DATABASES:
        missing("No PostgreSQL server answers", POSTGRES_REMEDY)
    monkeypatch.setattr(actors, "PAGE", 2)
    with bench("postgres") as worker:
        yield worker


@MODES
def test_the_next_page_is_read_while_one_is_committed(worker, mode):
    doing = []

    def read(*given, **named):
        doing.append(getattr(worker.hands.held, "doing", None))
        return really_read(*given, **named)

    with receiving(write, **mode) as clerk:
        send("postgres", "one", "two", "three")
        actor = worker.take()
        really_read, worker.hands.log.read = worker.hands.log.read, read
        worker.turns(actor)
    assert clerk.notes == visits("postgres") == ["one", "two", "three"]
    assert doing == [None, Doing.COMMIT]


@MODES
def test_what_was_read_ahead_is_forgotten_if_the_events_before_it_are_rolled_back(worker, mode):
    def fail_once(connection, *given, **named):
        del actor.owned.move
        named["meanwhile"]()
        worker.stop.set()
        raise OperationalError("database is locked")  # as whoever loses a conflict

    with receiving(write, **mode) as clerk:
        send("postgres", "one", "two", "three")
        actor = worker.take()
        actor.owned.move = fail_once
        worker.turn(actor)
        assert visits("postgres") == []
        worker.stop.clear()
        worker.turns(actor)
    assert visits("postgres") == ["one", "two", "three"]
    assert clerk.notes == ["one", "two", "one", "two", "three"]
    assert deliveries("postgres") == []


@MODES
def test_an_error_of_reading_ahead_is_none_of_the_events_that_are_committed(worker, mode):
    def read(*given, **named):
        if worker.hands.held is not None:
            raise OperationalError("no more memory")
        return really_read(*given, **named)

    with receiving(write, **mode) as clerk:
        send("postgres", "one", "two", "three")
        actor = worker.take()
        really_read, worker.hands.log.read = worker.hands.log.read, read
        worker.turns(actor)
    assert clerk.notes == visits("postgres") == ["one", "two", "three"]
    assert deliveries("postgres") == []


def test_what_comes_after_a_page_was_read_ahead_has_its_turn(worker):
    def read_ahead():
        sequence(worker.hands.log)
        actor.read_ahead(worker.hands.log, worker.hands.log.last_position())

    with receiving(write):
        send("postgres", "one")
        actor = worker.take()
        worker.do(read_ahead)
        send("postgres", "two")
        assert worker.turn(actor)
        worker.turns(actor)
    assert visits("postgres") == ["one", "two"]


def test_what_was_read_ahead_is_forgotten_with_the_session_that_was_lost(worker):
    with receiving(write) as clerk:
        send("postgres", "one", "two", "three")
        actor = worker.take()
        worker.turn(actor)
        assert visits("postgres") == ["one", "two"]
        send("postgres", "late")
        worker.do(sequence, worker.hands.log)
        # The server that takes over knows another order.
        swap_with_the_next("postgres", actor.owned.position + 1)
        worker.do(lambda: actor.recover(worker.hands, DisconnectedError(), restarted=True))
        worker.turns(actor)
    assert clerk.notes == visits("postgres") == ["one", "two", "late", "three"]


@MODES
def test_nothing_is_imported_for_a_sender_while_the_session_is_at_something(worker, mode, monkeypatch):
    def find(name):
        found.append((name, worker.hands.work.connection.pgconn.transaction_status))
        return Fraction

    found = []
    monkeypatch.setattr(senders, "find_with_views", find)
    with receiving(write, **mode) as clerk:
        send("postgres", "one", "two", "three")
        Event.objects.using("postgres").update(sender="views:Unknown")
        actor = worker.take()
        worker.turns(actor)
    assert clerk.notes == ["one", "two", "three"]
    assert {name for name, _ in found} == {"views.Unknown"}
    assert TransactionStatus.ACTIVE not in {status for _, status in found}


def test_an_event_without_a_statement_of_its_own_ends_no_transaction_that_was_not_begun(worker):
    told = []
    with receiving():
        send("postgres", "one")
        actor = worker.take()
        worker.hands.work.connection.add_notice_handler(told.append)
        worker.turns(actor)
        assert partition("postgres").position == actor.owned.position > 0
    assert told == []
