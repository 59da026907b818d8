"""Registrations at the same time, in sessions of their own: one result, no error, nobody waits for ever."""

import threading
import time

import pytest
from conformance.databases import COMMITTING
from conformance.logs import DEADLINE, sequence, sessions
from conformance.recordings import closed, durable, first, opened, partitions, recorded, second, send, subscriptions
from django.conf import settings
from django.db import connections, transaction
from servers import POSTGRES_REMEDY, missing

from heliograph.delivery.registration import registered
from heliograph.delivery.registration.register import register
from heliograph.errors import RecordingError
from heliograph.log.log import log_of

pytestmark = COMMITTING

#: A session of this database that waits for another.
WAITING = "select 1 from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()"

FIRST, SECOND = (f"{each.__module__}.{each.__name__}" for each in (first, second))


class Running:
    """Work in a thread of its own, with the thread's own connections."""

    def __init__(self, work):
        self._work = work
        self._failure = None
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _run(self):
        try:
            self._work()
        except BaseException as error:  # noqa: BLE001 - raised in the thread of the test
            self._failure = error
        finally:
            connections.close_all()

    def done(self):
        self._thread.join(DEADLINE)
        assert not self._thread.is_alive()
        if self._failure:
            raise self._failure


@pytest.mark.parametrize("work", [register, lambda alias: send(opened, alias)], ids=["register", "send"])
def test_all_have_one_result(lasting_alias, work):
    with durable([opened, closed], partitions=3), durable(closed, second):
        gate = threading.Barrier(4)
        # With their numbers there, the sessions do not wait for each other over those.
        log_of(connections[lasting_alias]).signals(["gallery.opened", "gallery.closed"])

        def together():
            connections[lasting_alias].ensure_connection()
            gate.wait(DEADLINE)
            registered.forget(lasting_alias)
            work(lasting_alias)

        for each in [Running(together) for _ in range(4)]:
            each.done()
    assert subscriptions(lasting_alias) == {
        FIRST: ([FIRST], ["gallery.closed", "gallery.opened"]),
        SECOND: ([SECOND], ["gallery.closed"]),
    }
    assert len(partitions(lasting_alias, FIRST)) == 3
    assert len(recorded(lasting_alias)) == (0 if work is register else 4)


@pytest.fixture
def postgres():
    """On SQLite one session writes at a time."""
    if "postgres" not in settings.DATABASES:
        missing("No PostgreSQL server answers", POSTGRES_REMEDY)
    return "postgres"


def test_two_senders_whose_transactions_stay_open_do_not_wait_for_each_other(postgres):
    gate = threading.Barrier(2)

    def stay_open():
        with transaction.atomic(using=postgres):
            opened.send(None, using=postgres)
            gate.wait(DEADLINE)

    with durable(opened):
        for each in [Running(stay_open) for _ in range(2)]:
            each.done()
    assert list(subscriptions(postgres)) == [FIRST]
    assert len(recorded(postgres)) == 2


def test_a_sender_whose_snapshot_is_older_than_the_registration_records(postgres):
    with durable(opened), transaction.atomic(using=postgres):
        connections[postgres].cursor().execute("set transaction isolation level repeatable read")
        connections[postgres].cursor().execute("select 1")
        Running(lambda: register(postgres)).done()
        opened.send(None, using=postgres)
        opened.send(None, using=postgres)
    assert len(recorded(postgres)) == 2


def test_partitions_end_at_no_position_that_their_owner_has_passed(postgres):
    with durable(opened):
        send(opened, postgres)
    with durable(opened, partitions=2), sessions(postgres) as session:
        owner, other = session(), session()
        sequence(other.log)
        owner.begin()
        owner.execute("update heliograph_partition set position = 2")  # an event that the change does not know of yet
        changing = Running(lambda: register(postgres))
        wait_for(lambda: other.execute(WAITING))
        send(opened, postgres)
        sequence(other.log)
        owner.commit()
        changing.done()
    old, *new = partitions(postgres, FIRST)
    assert old[2:4] == (2, 2)
    assert [position for _, _, position, _, _ in new] == [2, 2]


def test_a_sender_that_holds_the_tables_itself_gets_an_error(postgres, monkeypatch):
    monkeypatch.setattr("heliograph.delivery.session.own.LOCK_TIMEOUT", "set local lock_timeout = '100ms'")
    with durable(opened), transaction.atomic(using=postgres):
        connections[postgres].cursor().execute("lock table heliograph_subscription in exclusive mode")
        with pytest.raises(RecordingError, match="lock timeout"):
            opened.send(None, using=postgres)


def wait_for(condition):
    deadline = time.monotonic() + DEADLINE
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)
