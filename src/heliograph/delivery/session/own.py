"""Sessions of Heliograph's own with a database, which belong to nobody else."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connections

from heliograph.delivery.sql.sessions import ISOLATION, LOCK_TIMEOUT, READ_COMMITTED
from heliograph.log.execute import moved, rows

#: So long an SQLite session waits for another's lock.
_SQLITE_TIMEOUT_SECONDS = 30


def open_session(alias: str, *, own_statements: bool) -> Any:
    """Return a new, open connection to a database, in autocommit.

    It is not one of the pool, whose every session may be waiting for somebody who waits for this one.

    Args:
        own_statements: it is for Heliograph's statements, which run in READ COMMITTED, whatever isolation level the
            project has chosen for its own: what is read behind a lock has to be what its last holder wrote.
    """
    connection = connections.create_connection(alias)
    settings = connection.settings_dict = copy.deepcopy(connection.settings_dict)
    settings |= {"AUTOCOMMIT": True, "ATOMIC_REQUESTS": False, "CONN_MAX_AGE": None}
    options = settings.setdefault("OPTIONS", {})
    if connection.vendor == "postgresql":
        options.pop("pool", None)
        if own_statements:
            options.pop("isolation_level", None)
            _read_committed(connection)
    else:
        # A transaction that begins by reading could not wait for the lock when it comes to write.
        options["transaction_mode"] = "IMMEDIATE"
        options.setdefault("timeout", _SQLITE_TIMEOUT_SECONDS)
    note_session(connection)
    return connection


def note_session(connection: Any) -> None:
    """Note the session of a connection, opening it if need be. Django opens another one where the first is lost."""
    connection.ensure_connection()
    connection.noted_session = connection.connection


@contextmanager
def impatient_transaction(connection: Any) -> Iterator[None]:
    """Give a PostgreSQL session of ``open_session`` a transaction, which waits for no lock for long."""
    connection.set_autocommit(False)
    try:
        moved(connection, LOCK_TIMEOUT)
        yield
        connection.commit()
    except BaseException:
        connection.rollback()
        raise
    finally:
        connection.set_autocommit(True)


def _read_committed(connection: Any) -> None:
    ((level,),) = rows(connection, ISOLATION)
    if level != "read committed":
        moved(connection, READ_COMMITTED)
