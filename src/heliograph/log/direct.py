"""Statements of PostgreSQL without parameters, past the cursors: several in one message, and time until the answer.

Outside a transaction, those of one message are one together.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


def execute(connection: Any, statements: str, meanwhile: Callable[[], object] | None = None) -> list[list[Any]]:
    """Execute statements in one message, and return the rows of each.

    Args:
        meanwhile: something that does not use the session, to be done while the server is at it.

    Raises:
        OperationalError: the session is gone.
        DatabaseError: a statement has failed; those behind it were not executed.
    """
    connection.ensure_connection()
    with connection.wrap_database_errors:
        connection.connection.pgconn.send_query(statements.encode())
    try:
        if meanwhile is not None:
            meanwhile()
    finally:
        found = _answer(connection)
    return found


def is_cut(connection: Any) -> bool:
    """Tell whether a session at rest has been closed from the other side, as far as its line tells at once."""
    pgconn = connection.connection.pgconn
    try:
        pgconn.consume_input()  # the farewell
        pgconn.consume_input()  # the end behind it
    except connection.Database.OperationalError:
        return True
    return bool(connection.connection.closed)


def _answer(connection: Any) -> list[list[Any]]:
    from psycopg import generators  # it is not there for SQLite alone

    with connection.wrap_database_errors:
        session = connection.connection
        results = session.wait(generators.execute(session.pgconn))  # which lets other threads run
        return [_rows(connection, session, each) for each in results]


def _rows(connection: Any, session: Any, result: Any) -> list[Any]:
    psycopg = connection.Database
    status = result.status
    if status == psycopg.pq.ExecStatus.COMMAND_OK:
        return []
    if status == psycopg.pq.ExecStatus.TUPLES_OK:
        transformer = psycopg.adapt.Transformer(session)
        transformer.set_pgresult(result)
        found: list[Any] = transformer.load_rows(0, result.ntuples, tuple)
        return found
    # A line that is cut brings no SQLSTATE, which would tell what kind of error it is.
    if session.closed:
        raise psycopg.OperationalError(result.get_error_message())
    raise psycopg.errors.error_from_result(result)
