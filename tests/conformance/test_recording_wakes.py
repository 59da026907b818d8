"""Workers are woken once events are committed, and never before."""

import logging

import psycopg
import pytest
from conformance.databases import COMMITTING
from conformance.recordings import durable, opened, send
from conformance.visits import rolled_back
from django.conf import settings
from django.db import connections, transaction
from servers import POSTGRES_REMEDY, missing

from heliograph.delivery.recording import wake
from heliograph.delivery.recording.wake import channel, woken

pytestmark = COMMITTING


@pytest.fixture(autouse=True)
def durable_first(monkeypatch):
    monkeypatch.setattr(wake, "_covered_until", {})
    with durable(opened):
        yield


@pytest.fixture
def notified(postgres):
    """A function that returns how often those who listen have been notified since it was last called."""
    parameters = connections[postgres].get_connection_params()
    parameters = {
        name: parameters[name] for name in ("dbname", "user", "password", "host", "port") if name in parameters
    }
    with psycopg.connect(**parameters, autocommit=True) as listener:
        listener.execute(f"listen {channel(connections[postgres])}")
        yield lambda: len(list(listener.notifies(timeout=0.2)))


@pytest.fixture
def clock(monkeypatch):
    """The time of senders, in a list, to be moved by hand."""
    now = [100.0]
    monkeypatch.setattr(wake.time, "monotonic", lambda: now[0])
    return now


@pytest.fixture
def postgres():
    """Notifications are PostgreSQL's."""
    if "postgres" not in settings.DATABASES:
        missing("No PostgreSQL server answers", POSTGRES_REMEDY)
    return "postgres"


def test_a_worker_of_the_same_process_is_woken_by_the_commit(alias):
    with woken(alias) as news, woken("archive") as other:
        with transaction.atomic(using=alias):
            opened.send(None, using=alias)
            assert not news.is_set()
        assert news.is_set()
        assert not other.is_set()


def test_a_rollback_wakes_nobody(alias):
    with woken(alias) as news:
        with rolled_back(alias):
            opened.send(None, using=alias)
        with transaction.atomic(using=alias), rolled_back(alias):
            opened.send(None, using=alias)
        assert not news.is_set()


def test_a_worker_that_has_stopped_is_woken_no_more(alias):
    with woken(alias) as news:
        pass
    send(opened, alias)
    assert not news.is_set()


def test_other_processes_are_notified_by_the_commit(postgres, notified):
    with transaction.atomic(using=postgres):
        opened.send(None, using=postgres)
        assert notified() == 0
    assert notified() == 1
    with rolled_back(postgres):
        opened.send(None, using=postgres)
    assert notified() == 0


def test_of_a_stream_of_events_they_are_notified_of_the_first(postgres, notified, clock):
    for _ in range(5):
        send(opened, postgres)
        clock[0] += 0.014
    assert notified() == 1
    clock[0] += 0.002
    send(opened, postgres)
    assert notified() == 1


def test_an_event_of_a_stream_covers_the_next_from_the_time_it_was_sent(postgres, notified, clock):
    """It may be committed just then, and its hook be late: workers may be asleep again when the next one comes."""
    send(opened, postgres)
    with transaction.atomic(using=postgres):
        clock[0] += 0.001
        opened.send(None, using=postgres)
        clock[0] += 0.013
    assert notified() == 1
    clock[0] += 0.003
    send(opened, postgres)
    assert notified() == 1


def test_what_an_operator_has_changed_wakes_workers_that_sleep_soon(postgres, notified, clock):
    """Workers look closely for news of events alone."""
    send(opened, postgres)
    for _ in range(2):
        wake.wake_after_commit(connections[postgres])
    assert notified() == 3


def test_a_notification_that_fails_is_logged_and_fails_nobody(postgres, monkeypatch, caplog):
    send(opened, postgres)
    monkeypatch.setattr(wake, "_covered_until", {})
    monkeypatch.setattr(wake, "NOTIFY", "select no_such_function()")
    with caplog.at_level(logging.WARNING, "heliograph.wake"):
        send(opened, postgres)
    assert "were not woken" in caplog.text
    with connections[postgres].cursor() as cursor:
        cursor.execute("select count(*) from heliograph_event")
        assert cursor.fetchone() == (2,)
