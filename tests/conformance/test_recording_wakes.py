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
    monkeypatch.setattr(wake, "_notified", {})
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


def test_they_are_notified_once_in_a_while(postgres, notified, monkeypatch):
    clock = [100.0]
    monkeypatch.setattr(wake.time, "monotonic", lambda: clock[0])
    for _ in range(5):
        send(opened, postgres)
    assert notified() == 1
    clock[0] += 0.006
    send(opened, postgres)
    assert notified() == 1


def test_a_notification_that_fails_is_logged_and_fails_nobody(postgres, monkeypatch, caplog):
    send(opened, postgres)
    monkeypatch.setattr(wake, "_notified", {})
    monkeypatch.setattr(wake, "NOTIFY", "select no_such_function()")
    with caplog.at_level(logging.WARNING, "heliograph.wake"):
        send(opened, postgres)
    assert "were not woken" in caplog.text
    with connections[postgres].cursor() as cursor:
        cursor.execute("select count(*) from heliograph_event")
        assert cursor.fetchone() == (2,)
