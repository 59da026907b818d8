"""Telling the workers that there is news, once the news is committed. Losing it costs time, never an event."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

from django.db import Error, transaction

from heliograph.delivery.session.surroundings import is_of_a_test
from heliograph.delivery.sql.wake import CHANNEL, NOTIFY
from heliograph.log import direct
from heliograph.log.execute import rows

logger = logging.getLogger("heliograph.wake")

#: After news a worker looks closely for the next for so long, and once more behind that.
CLOSE_SECONDS = 0.020

#: Senders count on it for so long: each of their events is news, so that one of a stream is told of, the first.
COVERED_SECONDS = 0.015

_covered_until: dict[str, float] = {}
_listening: dict[str, tuple[threading.Event, ...]] = {}
_lock = threading.Lock()


def wake_after_commit(connection: Any) -> None:
    """Wake the workers of a database once the open transaction is committed; at once where there is none.

    Args:
        connection: the one that has written.

    Guarantees:
        Nothing is done when the transaction, or the savepoint, is rolled back. An error is logged and raised to
        nobody: what is written is safe.
    """
    _after_commit(connection, partial(_wake, connection.alias))


def wake_for_events(connection: Any) -> None:
    """Do the same for events, unless workers are awake and will see them.

    Guarantees:
        A worker that was awake when an event before this one was committed looks again after this one is.
    """
    _after_commit(connection, partial(_wake_for_events, connection.alias, time.monotonic()))


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


def _after_commit(connection: Any, hook: Callable[[], None]) -> None:
    # Nobody can see what a test writes in its transaction, and tests count the hooks of the code they test.
    if (connection.in_atomic_block or connection.get_autocommit()) and not is_of_a_test(connection):
        transaction.on_commit(hook, using=connection.alias)


def _wake_for_events(alias: str, sent_at: float) -> None:
    """Wake workers for an event that was committed after some time, but not if they are awake for one before it."""
    covered_until = _covered_until.get(alias, 0.0)
    if time.monotonic() < covered_until:
        _set(alias)
        _covered_until[alias] = max(covered_until, sent_at + COVERED_SECONDS)
    else:
        _wake(alias)


def _wake(alias: str) -> None:
    _set(alias)
    connection = transaction.get_connection(alias)
    if connection.vendor == "postgresql" and not connection.in_atomic_block:
        _notify(connection)


def _set(alias: str) -> None:
    for event in _listening.get(alias, ()):
        event.set()


def _notify(connection: Any) -> None:
    now = time.monotonic()
    try:
        direct.execute(connection, NOTIFY)
    except Error as error:
        logger.warning(
            "The workers of database %r were not woken; they find the events when they look next: %s",
            connection.alias,
            error,
        )
    else:
        _covered_until[connection.alias] = now + COVERED_SECONDS
