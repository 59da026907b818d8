"""Registration: the subscriptions that a database has are those of the durable receivers in the code.

It comes about in three ways: after ``migrate``, at a worker's start, and by the first send in a process that finds a
subscription missing.
"""

from __future__ import annotations

import logging
from collections.abc import Collection
from contextlib import closing
from typing import Any

from django.db import connections, router, transaction

from heliograph.delivery.declaration.registry import DurableReceiver, durable_receivers
from heliograph.delivery.declaration.signal_names import subscribed_names
from heliograph.delivery.registration.registered import Registered, forget, known, remember
from heliograph.delivery.registration.subscribing import Wanted, Way, subscribe
from heliograph.delivery.session.own import impatient_transaction, open_session
from heliograph.delivery.session.surroundings import is_of_a_test
from heliograph.delivery.sql.registration import HEARD
from heliograph.errors import SignalDeclarationError, UnsupportedDatabaseError
from heliograph.log.execute import rows
from heliograph.log.log import log_of
from heliograph.log.steps import bring_up_to_date

logger = logging.getLogger("heliograph.registration")

APP_LABEL = "heliograph"

#: For so long a sender that finds a subscription missing tries to have the sequencer's lock.
_STEP_SECONDS = 5

#: Without these nothing can be registered: heliograph has not been migrated, or not far enough.
_TABLES = {
    f"heliograph_{name}"
    for name in ("event", "signalname", "subscription", "subscriptionname", "subscriptionsignal", "partition")
}


def register(alias: str, way: Way = Way.WORKER) -> None:
    """Let a database have the subscriptions of all durable receivers of this process.

    Raises:
        UnsupportedDatabaseError: it can have no log, or a router keeps heliograph out of it.

    Guarantees:
        Two processes that do so at once have one result. In an open transaction it is part of that.
    """
    refuse_without_log(alias)
    wanted = _wanted()
    if wanted:
        connection = connections[alias]
        _write(connection, wanted, way, apart=not connection.in_atomic_block)


def number_for(connection: Any, signal: str, names: Collection[str]) -> int:
    """Return the number of a signal to which there is a subscription under each of some names, if need be a new one.

    Args:
        connection: the sender's.

    Raises:
        UnsupportedDatabaseError: the database has no log.
        LookupError: no receiver of this process hears the signal under one of the names.
    """
    registered = known(connection)
    number = registered.number(signal, names) if registered else None
    if number is not None:
        return number
    refuse_without_log(connection.alias)
    wanted = _wanted()
    registered = _read(connection)
    if _is_complete(registered, wanted):
        remember(connection, registered, written=False)
    else:
        registered = _write(connection, wanted, Way.SEND, apart=not is_of_a_test(connection))
    number = registered.number(signal, names)
    if number is None:
        raise LookupError(f"no durable receiver of this process hears {signal} under each of these names.")
    return number


def after_migrate(using: str, **_: Any) -> None:
    """Register in a database that has been migrated or flushed, and forget what was known of it."""
    forget(using)
    connection = connections[using]
    if not router.allow_migrate(using, APP_LABEL) or connection.vendor not in ("postgresql", "sqlite"):
        return
    if set(connection.introspection.table_names()) >= _TABLES:
        register(using, Way.MIGRATE)


def refuse_without_log(alias: str) -> None:
    """Raise UnsupportedDatabaseError for a database that has no log."""
    log_of(connections[alias])
    if not router.allow_migrate(alias, APP_LABEL):
        raise UnsupportedDatabaseError(
            f"Database {alias!r} has no event log, because a router of DATABASE_ROUTERS keeps heliograph out of it. "
            f"Let allow_migrate({alias!r}, {APP_LABEL!r}) return True and run manage.py migrate --database={alias}, or "
            "connect the receivers of its signals without durable=True."
        )


def _write(connection: Any, wanted: list[Wanted], way: Way, *, apart: bool) -> Registered:
    """Write what is missing and return what there is.

    Args:
        apart: so that neither the sender's rollback takes it back, nor others wait for the sender's commit. SQLite has
            no such thing: one session writes at a time.
    """
    alias = connection.alias
    if apart and connection.vendor == "postgresql":
        with closing(open_session(alias, own_statements=True)) as own:
            bring_up_to_date(log_of(own), seconds=_STEP_SECONDS)  # a new subscription starts behind what is committed
            with impatient_transaction(own):
                subscribe(own, wanted, way)
                registered = _read(own)
            remember(own, registered, written=True)
    else:
        with transaction.atomic(using=alias):
            subscribe(connection, wanted, way)
            registered = _read(connection)
        remember(connection, registered, written=True)
    return registered


def _read(connection: Any) -> Registered:
    found = rows(connection, HEARD)
    heard: dict[str, set[str]] = {}
    for name, signal, _ in found:
        if signal is not None:
            heard.setdefault(signal, set()).add(name)
    return Registered(
        names=frozenset(name for name, _, _ in found),
        heard={signal: frozenset(names) for signal, names in heard.items()},
        numbers={signal: number for _, signal, number in found if signal is not None},
    )


def _is_complete(registered: Registered, wanted: list[Wanted]) -> bool:
    return all(
        registered.names.issuperset((each.name, *each.aliases))
        and all(each.name in registered.heard.get(signal, ()) for signal in each.signals)
        for each in wanted
    )


def _wanted() -> list[Wanted]:
    return [
        Wanted(
            name=each.name,
            aliases=each.options.aliases,
            signals=_signals(each),
            partitions=each.options.partitions,
            from_beginning=each.options.start == "beginning",
        )
        for each in sorted(durable_receivers(), key=lambda each: each.name)
    ]


def _signals(receiver: DurableReceiver) -> tuple[str, ...]:
    names: list[str] = []
    for signal in receiver.signals:
        try:
            names += subscribed_names(signal)
        except SignalDeclarationError as error:
            logger.error("%s is not subscribed to one of its signals: %s", receiver.name, error)
    return tuple(dict.fromkeys(names))
