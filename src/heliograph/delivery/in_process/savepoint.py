"""A savepoint around one receiver of a robust sending, so that its database error stays its own."""

from __future__ import annotations

import gc
import os
import threading
import weakref
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

from heliograph.dispatch.binding import Scope


class _Known(threading.local):
    """The connections of a thread, as they were when so many had been opened in the process."""

    connections: tuple[Any, ...] = ()
    at = -1


_known = _Known()
_opened = 0
_open: list[weakref.ref[Any]] = []


def _several() -> None:
    """Stand for the only connection of the process where there is not exactly one."""


_only: Callable[[], Any] = _several


def savepoints() -> Scope | None:
    """Return what puts a savepoint on every connection of this thread that is in a transaction; None if none is.

    Guarantees:
        An exception that leaves the scope takes back what was written in it, its on-commit hooks too, and leaves
        the transaction as usable as it was.
    """
    # Asking Django for the connections of a thread costs more than a whole sending, so it is done only when one has
    # been opened since, and with one connection in the process not even the thread's own memory is asked.
    only = _only()
    if only is not None and not only.in_atomic_block:
        return None
    if _known.at != _opened:
        _look()
    for connection in _known.connections:
        if connection.in_atomic_block:
            return _savepoint_on_each
    return None


@contextmanager
def _savepoint_on_each() -> Iterator[None]:
    from django.db import transaction

    with ExitStack() as savepoints:
        for connection in _known.connections:
            if connection.in_atomic_block:
                savepoints.enter_context(transaction.atomic(using=connection.alias))
        yield


def _look() -> None:
    from django.conf import settings

    if not settings.configured:
        return  # so there is no connection either
    from django.db import connections
    from django.db.backends.signals import connection_created

    if not _opened:
        connection_created.connect(_count, weak=False, dispatch_uid="heliograph.savepoint")
        for connection in _everywhere():
            _count(connection)
    at = _opened
    _known.connections = tuple(connections.all(initialized_only=True))
    # Where asynchronous code may use the database, connections differ from task to task of one thread.
    _known.at = -1 if "DJANGO_ALLOW_ASYNC_UNSAFE" in os.environ else at


def _count(connection: Any, **_: Any) -> None:
    global _only, _open, _opened
    _open = [*(each for each in _open if each() not in (None, connection)), weakref.ref(connection)]
    _only = _open[0] if len(_open) == 1 and "DJANGO_ALLOW_ASYNC_UNSAFE" not in os.environ else _several
    _opened += 1


def _everywhere() -> list[Any]:
    """Return the connections of all threads that are there already: once, before the first is counted."""
    from django.db.backends.base.base import BaseDatabaseWrapper

    return [each for each in gc.get_objects() if issubclass(type(each), BaseDatabaseWrapper)]
