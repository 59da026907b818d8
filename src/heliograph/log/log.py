"""The event log of one database."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Protocol

from heliograph.errors import UnsupportedDatabaseError
from heliograph.log.entries import Entry, News, Recording, Share


class Log(Protocol):
    """What every database's log can do, over one connection.

    Guarantees:
        An event is in the log if and only if the transaction that appended it was committed. Positions follow the
        order of becoming visible, so what is behind a reader never changes; events of transactions that waited for
        each other get theirs in the order of those. Positions have no gaps on PostgreSQL, on SQLite they may.
    """

    def __init__(self, connection: Any) -> None: ...

    def append(self, recordings: Sequence[Recording], *, checked: bool = False) -> int:
        """Write events in one statement, as a part of the open transaction, and return how many.

        Args:
            checked: leave out events whose signal has no number any more, as this transaction sees it. A number
                that has been given since the transaction's snapshot is not seen above READ COMMITTED.
        """

    def sequence(self) -> int | None:
        """Give a position to every event that has become visible; return how many, None if another session does so.

        Raises:
            ProgrammingError: inside a transaction, where the step would hold up all others and could lose events.
        """

    def last_position(self) -> int:
        """Return the last position given; 0 before the first."""

    def news(self, since: int | None) -> News:
        """Do as ``sequence``; return what has come since a mark that this method gave, since the beginning for None."""

    def read(self, signals: Sequence[int], *, after: int, until: int, limit: int, share: Share) -> list[Entry]:
        """Return the first events of these signals after one position, up to another, by position."""

    def entries(self, places: Mapping[int, int]) -> list[Entry]:
        """Return those of some events that are still there, by position; positions are given by event number."""

    def signals(self, names: Iterable[str]) -> dict[str, int]:
        """Return the numbers of signals, giving one to those that have none."""


def log_of(connection: Any) -> Log:
    """Return the log of a Django database connection.

    Raises:
        UnsupportedDatabaseError: Heliograph keeps no log there.
    """
    if connection.vendor == "postgresql":
        if connection.Database.__name__ != "psycopg":
            raise UnsupportedDatabaseError(
                f"Durable receivers need psycopg 3.2 or newer; database {connection.alias!r} is reached through "
                f'{connection.Database.__name__}. Install "psycopg[binary]>=3.2", which Django then uses in its place.'
            )
        from heliograph.log.postgresql import PostgreSQLLog

        return PostgreSQLLog(connection)
    if connection.vendor == "sqlite":
        from heliograph.log.sqlite import SQLiteLog

        return SQLiteLog(connection)
    raise UnsupportedDatabaseError(
        f"Durable receivers need PostgreSQL or SQLite; database {connection.alias!r} is {connection.display_name}. "
        "Connect the receivers of its signals without durable=True, or send with using= of a database that can."
    )
