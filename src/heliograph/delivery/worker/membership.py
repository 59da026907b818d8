"""The workers of a database: their rows, their signs of life, and which of them are gone."""

from __future__ import annotations

import os
from typing import Any, NamedTuple

from heliograph.delivery.session.machine import host, is_running
from heliograph.delivery.sql.dialect import statements
from heliograph.log.execute import moved, rows

RUNNING = "running"
STOPPING = "stopping"


class Member(NamedTuple):
    """A worker as its row tells."""

    number: int
    host: str
    pid: int
    state: str
    silent_seconds: float
    restarted_since: bool

    def is_gone(self, lease_seconds: float) -> bool:
        """Tell whether the worker has given no sign for too long, or is known to be no more."""
        return self.silent_seconds > lease_seconds or (self.host == host() and not is_running(self.pid))


def name() -> str:
    """Return what people know this process by."""
    return f"{host().split(' ')[0]}:{os.getpid()}"


def begin(connection: Any) -> int:
    """Write the row of this process, and return its number."""
    sql, given = statements(connection), [host(), os.getpid()]
    if connection.vendor == "postgresql":  # in one statement: behind a pooler the next may be in another session
        ((number,),) = rows(connection, sql.BEGIN_WORKER, given)
    else:
        moved(connection, sql.BEGIN_WORKER, given)
        ((number,),) = rows(connection, sql.WORKER_NUMBER)
    return int(number)


def beat(connection: Any, number: int, state: str) -> bool:
    """Give a sign of life, and tell whether the row is still there."""
    return moved(connection, statements(connection).BEAT, [state, number]) > 0


def leave(connection: Any, number: int) -> None:
    """Take the row away."""
    moved(connection, statements(connection).FORGET_WORKER, [number])


def members(connection: Any) -> dict[int, Member]:
    """Return all workers that have a row, by number."""
    found = [Member._make(row) for row in rows(connection, statements(connection).WORKERS)]
    return {member.number: member for member in found}
