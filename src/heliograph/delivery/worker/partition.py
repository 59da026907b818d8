"""A partition in the hand of its owner: every change to it is fenced by the epoch."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db import DatabaseError

from heliograph.delivery.sql.dialect import statements
from heliograph.delivery.worker.attempts import LostError
from heliograph.log import direct
from heliograph.log.entries import Share
from heliograph.log.execute import moved, rows


class Owned:
    """One partition, as its owner knows it.

    Attributes:
        position: behind which it stands, as committed.
        until: the position at which it ends; None for no end.
    """

    def __init__(self, *, number: int, share: Share, position: int, until: int | None, epoch: int) -> None:
        self.number = number
        self.share = share
        self.position = position
        self.until = until
        self.epoch = epoch
        self._place: str | None = None

    def move(
        self,
        connection: Any,
        position: int,
        *,
        commit: bool = False,
        meanwhile: Callable[[], object] | None = None,
    ) -> None:
        """Move the position, as a part of the open transaction or by itself.

        Args:
            commit: commit the open transaction along with it, which takes PostgreSQL.
            meanwhile: something that does not use the session, to be done while PostgreSQL is at it.

        Raises:
            LostError: it is owned no longer.
        """
        sql = statements(connection)
        if connection.vendor != "postgresql":
            if not moved(connection, sql.MOVE, [position, self.number, self.epoch]):
                raise LostError
            return
        place = "null" if self._place is None else f"'{self._place}'"
        moving = sql.MOVE_CHECKED.format(partition=self.number, epoch=self.epoch, place=place, position=position)
        try:
            found = direct.execute(connection, f"{moving}; commit" if commit else moving, meanwhile)
        except DatabaseError as error:
            if getattr(error.__cause__, "sqlstate", None) == sql.OWNERSHIP_LOST:
                raise LostError from error
            raise
        ((self._place,),) = found[0]

    def forget_place(self) -> None:
        """Look the row up by its key again: what moved it last has been rolled back."""
        self._place = None

    def reread(self, connection: Any) -> int | None:
        """Learn the committed position, which somebody else may have moved, or a commit without an answer.

        Returns:
            The position of the event that a mark is set for; None for no mark.

        Raises:
            LostError: the ownership is lost.
        """
        found = rows(connection, statements(connection).STANDING, [self.number, self.epoch])
        if not found:
            raise LostError
        self.position, in_hand = found[0]
        self._place = None
        return None if in_hand is None else int(in_hand)

    def fence(self, connection: Any) -> None:
        """Keep the ownership until the end of the open transaction.

        Raises:
            LostError: it is lost.
        """
        if not rows(connection, statements(connection).FENCE, [self.number, self.epoch]):
            raise LostError

    def mark(self, connection: Any, position: int | None) -> None:
        """Note that the event at a position is about to be run; None to take the note back.

        Raises:
            LostError: the ownership is lost.
        """
        self._place = None
        if not moved(connection, statements(connection).MARK, [position, self.number, self.epoch]):
            raise LostError

    def retire(self, connection: Any) -> bool:
        """Take the partition away once it has come to its end, and tell whether it has."""
        return moved(connection, statements(connection).RETIRE, [self.number, self.epoch]) > 0

    def hand_back(self, connection: Any, position: int | None) -> None:
        """Give up the ownership, if it is still there, at a position; where it stands, if that is None."""
        moved(connection, statements(connection).HAND_BACK, [position, self.number, self.epoch])
