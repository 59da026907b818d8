"""A worker's own sessions with a database: outside Django's pool, and each with its statements."""

from __future__ import annotations

import copy
import json
from collections.abc import Sequence
from types import ModuleType
from typing import Any

from django.db import connections

from heliograph.delivery.sql import postgresql, sqlite

#: So long an SQLite session waits for another's lock.
_SQLITE_TIMEOUT_SECONDS = 30


def open_session(alias: str, *, own_statements: bool) -> Any:
    """Return a new, open connection to a database, which belongs to nobody else.

    Args:
        own_statements: it is for Heliograph's statements, which run in READ COMMITTED, whatever isolation level the
            project has chosen for its own.
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


def _read_committed(connection: Any) -> None:
    ((level,),) = rows(connection, "show default_transaction_isolation")
    if level != "read committed":
        with connection.cursor() as cursor:
            cursor.execute("set default_transaction_isolation to 'read committed'")


def statements(connection: Any) -> Any:
    """Return the statements of delivery in the SQL of a connection's database."""
    by_vendor: dict[str, ModuleType] = {"postgresql": postgresql, "sqlite": sqlite}
    return by_vendor[connection.vendor]


def many(connection: Any, values: Sequence[Any]) -> Any:
    """Return several values as one parameter."""
    if connection.vendor == "postgresql":
        return list(values)
    return json.dumps(list(values))


def rows(connection: Any, statement: str, given: Any = None) -> list[Any]:
    """Execute a query and return its rows."""
    with connection.cursor() as cursor:
        cursor.execute(statement, given)
        found: list[Any] = cursor.fetchall()
        return found


def moved(connection: Any, statement: str, given: Any) -> int:
    """Execute a change and return how many rows it has moved."""
    with connection.cursor() as cursor:
        cursor.execute(statement, given)
        return int(cursor.rowcount)
