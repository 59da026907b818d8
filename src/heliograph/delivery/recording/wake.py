"""Telling the workers that there is news, once the news is committed. Losing it costs time, never an event."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

from django.db import Error, transaction

from heliograph.delivery.session.surroundings import is_of_a_test
from heliograph.delivery.sql.wake import CHANNEL, NOTIFY
from heliograph.log.execute import moved, rows

logger = logging.getLogger("heliograph.wake")

#: A worker that has been woken polls closely for longer than this.
PAUSE_SECONDS = 0.005

_notified: dict[str, float] = {}
_listening: dict[str, tuple[threading.Event, ...]] = {}
_lock = threading.Lock()


def wake_after_commit(connection: Any) -> None:
    """Wake the workers of a database once the open transaction is committed; at once where there is none.

    Args:
        connection: the one that has written events.

    Guarantees:
        Nothing is done when the transaction, or the savepoint, is rolled back. An error is logged and raised to
        nobody: the events are safe.
    """
    # Nobody can see what a test writes in its transaction, and tests count the hooks of the code they test.
    if (connection.in_atomic_block or connection.get_autocommit()) and not is_of_a_test(connection):
        transaction.on_commit(partial(_wake, connection.alias), using=connection.alias)


def channel(connection: Any) -> str:
    """Return the PostgreSQL channel on which a database's news is told: one for each schema with a log."""
    ((name,),) = rows(connection, CHANNEL)
    return str(name)


@contextmanager
def woken(alias: str) -> Iterator[threading.Event]:
    """Give an event that is set whenever this process has committed something to the log of a database."""
    event = threading.Event()
    with _lock:
        _listening[alias] = (*_listening.get(alias, ()), event)
    try:
        yield event
    finally:
        with _lock:
            _listening[alias] = tuple(each for each in _listening[alias] if each is not event)


def _wake(alias: str) -> None:
    for event in _listening.get(alias, ()):
        event.set()
    connection = transaction.get_connection(alias)
    if connection.vendor == "postgresql" and not connection.in_atomic_block:
        _notify(connection)


def _notify(connection: Any) -> None:
    now = time.monotonic()
    if now - _notified.get(connection.alias, 0.0) < PAUSE_SECONDS:
        return
    _notified[connection.alias] = now
    try:
        moved(connection, NOTIFY)
    except Error as error:
        logger.warning(
            "The workers of database %r were not woken; they find the events when they look next: %s",
            connection.alias,
            error,
        )
