"""A short session of Heliograph's own with PostgreSQL, beside the transaction in which a signal is sent."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connections

from heliograph.delivery.sql.registration import LOCK_TIMEOUT
from heliograph.log.log import log_of

_STEP_SECONDS = 5
_BETWEEN_STEPS_SECONDS = 0.001


@contextmanager
def own_session(alias: str) -> Iterator[Any]:
    """Give a connection in autocommit, not one of the pool, whose every session may be waiting for its sender."""
    connection = connections.create_connection(alias)
    options = {name: value for name, value in connection.settings_dict["OPTIONS"].items() if name != "pool"}
    # Whatever the project's isolation level, what is read behind a lock has to be what its last holder wrote.
    from psycopg import IsolationLevel

    options["isolation_level"] = IsolationLevel.READ_COMMITTED
    connection.settings_dict = {**connection.settings_dict, "OPTIONS": options, "AUTOCOMMIT": True}
    try:
        yield connection
    finally:
        connection.close()


@contextmanager
def transaction_of(connection: Any) -> Iterator[None]:
    """Give a session of ``own_session`` a transaction, which waits for no lock for long."""
    connection.set_autocommit(False)
    try:
        with connection.cursor() as cursor:
            cursor.execute(LOCK_TIMEOUT)
        yield
        connection.commit()
    except BaseException:
        connection.rollback()
        raise
    finally:
        connection.set_autocommit(True)


def take_step(connection: Any) -> None:
    """Have everything that has been committed so far given its position."""
    log, deadline = log_of(connection), time.monotonic() + _STEP_SECONDS
    # Another session that is at it may have looked before the last commit, so its step does not do.
    while log.sequence() is None and time.monotonic() < deadline:
        time.sleep(_BETWEEN_STEPS_SECONDS)
