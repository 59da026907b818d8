"""What registration keeps at its edges: routers, transactions begun by hand, what is known of them, SQLite's lock."""

import logging
from contextlib import closing

import pytest
from conformance.databases import COMMITTING
from conformance.logs import sessions
from conformance.recordings import closed, durable, first, opened, recorded, second, send, subscriptions
from conformance.visits import visit
from django.core.management import call_command
from django.db import OperationalError, connections, transaction
from django.test.utils import CaptureQueriesContext

from heliograph import Signal
from heliograph.delivery.registration import registered
from heliograph.delivery.registration.register import register
from heliograph.delivery.registration.subscribing import Way, subscribe

pytestmark = COMMITTING

FIRST, SECOND = (f"{each.__module__}.{each.__name__}" for each in (first, second))


def test_migrate_leaves_a_database_alone_that_a_router_keeps_heliograph_out_of(alias, settings):
    settings.DATABASE_ROUTERS = [f"{__name__}.Router"]
    with durable(opened):
        call_command("migrate", database=alias, verbosity=0)
    settings.DATABASE_ROUTERS = []
    assert subscriptions(alias) == {}


class Router:
    """Keeps heliograph out of every database."""

    def allow_migrate(self, db, app_label, **hints):
        return app_label != "heliograph"


def test_what_is_registered_in_a_transaction_begun_by_hand_goes_with_it(lasting_alias):
    with durable(opened, second):
        send(opened, lasting_alias)  # the signal has its number, so the log alone would not tell
    registered.forget(lasting_alias)
    connection = connections[lasting_alias]
    with durable(opened):
        connection.set_autocommit(False)
        try:
            visit(lasting_alias, "begins the transaction")
            opened.send(None, using=lasting_alias)
            connection.rollback()
        finally:
            connection.set_autocommit(True)
        send(opened, lasting_alias)
    assert set(subscriptions(lasting_alias)) == {FIRST, SECOND}


def test_what_is_forgotten_within_the_transaction_that_registered_it_is_asked_for_again():
    """On SQLite, where the sender's transaction registers."""
    with durable(opened), transaction.atomic(using="archive"):
        opened.send(None, using="archive")
        with connections["archive"].cursor() as cursor:
            for table in ("partition", "subscriptionsignal", "subscriptionname", "subscription", "event", "signalname"):
                cursor.execute(f"delete from heliograph_{table}")
        opened.send(None, using="archive")
    (event,) = recorded("archive")
    assert event.signal.name == "gallery.opened"
    assert list(subscriptions("archive")) == [FIRST]


def test_the_last_of_several_registrations_in_one_transaction_is_what_is_known():
    with durable(opened), transaction.atomic(using="archive"):
        opened.send(None, using="archive")
        with durable(closed, second):
            closed.send(None, using="archive")
            with CaptureQueriesContext(connections["archive"]) as queries:
                closed.send(None, using="archive")
    assert len(queries) == 1


def test_the_next_process_finds_what_is_registered_and_writes_nothing(alias, monkeypatch):
    with durable(opened):
        send(opened, alias)
        registered.forget(alias)
        monkeypatch.setattr("heliograph.delivery.registration.register.subscribe", None)
        send(opened, alias)
    assert len(recorded(alias)) == 2


def test_a_name_that_is_added_is_registered_by_the_next_send(alias):
    with durable(opened):
        send(opened, alias)
        registered.forget(alias)
    with durable(opened, aliases=["gallery.former"]):
        send(opened, alias)
    ((names, _),) = subscriptions(alias).values()
    assert "gallery.former" in names


def test_on_sqlite_a_registration_takes_the_lock_before_it_reads(monkeypatch):
    """Whoever has read already may be refused the lock, whatever time it would wait."""
    connections["archive"].ensure_connection()
    monkeypatch.setattr(connections["archive"], "transaction_mode", "DEFERRED")
    with sessions("archive") as session, closing(session()) as other, transaction.atomic(using="archive"):
        subscribe(connections["archive"], [], Way.WORKER)
        other.execute("pragma busy_timeout = 0")
        with pytest.raises(OperationalError, match="locked"):
            other.execute("begin immediate")


def test_a_signal_that_cannot_be_subscribed_to_is_told_and_stops_no_other(alias, caplog):
    too_long = Signal(name="gallery." + "x" * 300)
    with durable([too_long, opened]), caplog.at_level(logging.ERROR, "heliograph.registration"):
        register(alias)
    assert subscriptions(alias) == {FIRST: ([FIRST], ["gallery.opened"])}
    assert f"{FIRST} is not subscribed to one of its signals" in caplog.text
