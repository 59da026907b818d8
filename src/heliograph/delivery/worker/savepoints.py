"""A savepoint before each event of a transaction, on Django's own stack of savepoints."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from typing import Any

from heliograph.delivery.sql.dialect import statements
from heliograph.delivery.worker.hands import Hands
from heliograph.log import direct

_numbers = count(1)


class Savepoints:
    """The savepoints of one open transaction, one at a time; a context manager within that of the transaction.

    Hooks that a receiver leaves for the commit go when its work is undone, as they do with Django's savepoints.
    """

    def __init__(self, hands: Hands) -> None:
        self._connection: Any = hands.work
        self._immediate_again = hands.immediate_again
        self._name = f"heliograph_{next(_numbers)}"

    def __enter__(self) -> Savepoints:
        with self._connection.cursor() as cursor:
            cursor.execute(f"savepoint {self._name}")
        self._connection.savepoint_ids.append(self._name)
        return self

    def __exit__(self, *_: object) -> None:
        # The last one ends with the transaction. Django would take a block with savepoints left for an inner one.
        self._connection.savepoint_ids.remove(self._name)

    def keep(self, meanwhile: Callable[[], object] | None = None) -> None:
        """Keep the work since the last savepoint, what is deferred being checked, and set the next.

        What follows finds each constraint as a transaction of its own would: deferred if it is initially deferred.

        Args:
            meanwhile: something that takes no database, to be done while the server is at it.

        Raises:
            DatabaseError: the work breaks a deferred constraint, or has left the transaction broken.
        """
        done, following = self._name, f"heliograph_{next(_numbers)}"
        if self._connection.vendor == "postgresql":
            sql = statements(self._connection).NEXT_SAVEPOINT.format(done=done, next=following)
            if self._immediate_again:
                sql = f"{sql}; {self._immediate_again}"
            direct.execute(self._connection, sql, meanwhile)
        else:
            with self._connection.cursor() as cursor:
                cursor.execute(f"release savepoint {done}")
                cursor.execute(f"savepoint {following}")
        self._connection.savepoint_ids[-1] = self._name = following

    def undo(self) -> None:
        """Undo the work since the last savepoint, which stays."""
        self._connection.needs_rollback = False
        self._connection.savepoint_rollback(self._name)
