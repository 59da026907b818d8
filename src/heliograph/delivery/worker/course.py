"""How the next events of a partition are run, told from how the last ones went."""

from __future__ import annotations

from heliograph.delivery.decisions.verdict import MAX_CONFLICTS
from heliograph.delivery.worker.attempts import is_conflict
from heliograph.log.entries import Entry

#: How much the last event counts in the pace of a receiver.
_LATEST = 0.2


class RedoError(Exception):
    """All since the last commit was rolled back, to be done again: alone, or shared, up to a position."""

    def __init__(self, *, alone_up_to: int = 0, shared_up_to: int = 0, conflicts: int = 0) -> None:
        super().__init__()
        self.alone_up_to = alone_up_to
        self.shared_up_to = shared_up_to
        self.conflicts = conflicts


class Course:
    """Which events share a transaction and which have one of their own, and how often this was tried.

    Attributes:
        alone_up_to: events up to this position are run alone, so that it can be told whose trouble it is.
        shared_up_to: events up to this position are run shared where a whole batch of them has failed.
        conflicts: so many times in a row the next event, or its transaction, has lost a conflict.
        marked: so many events are still run alone, behind a mark.
        pace_seconds: how long the receiver has taken lately.
    """

    def __init__(self) -> None:
        self.alone_up_to = 0
        self.shared_up_to = 0
        self.conflicts = 0
        self.marked = 0
        self.pace_seconds = 0.0

    def is_alone(self, entry: Entry, shared_seconds: float) -> bool:
        """Tell whether an event is run alone, where others share a transaction for some time."""
        return self.marked > 0 or entry.position <= self.alone_up_to or self.pace_seconds > shared_seconds

    def went_on(self, count: int) -> None:
        """Take note of events that are committed."""
        self.conflicts = 0
        self.marked = max(0, self.marked - count)

    def took(self, seconds: float) -> None:
        """Take note of how long the receiver took."""
        self.pace_seconds += _LATEST * (seconds - self.pace_seconds)

    def may_try_again(self, error: BaseException) -> bool:
        """Tell whether an attempt is made again because it lost a conflict, which spends none."""
        return is_conflict(error) and self.conflicts < MAX_CONFLICTS

    def redo(self, error: BaseException, last: Entry) -> RedoError:
        """Return how events up to one are done again that shared a transaction."""
        if not is_conflict(error):
            return RedoError(alone_up_to=last.position)
        conflicts = self.conflicts + 1
        if conflicts < MAX_CONFLICTS:
            return RedoError(shared_up_to=self.shared_up_to, conflicts=conflicts)
        return RedoError(alone_up_to=last.position, conflicts=conflicts)

    def follow(self, redo: RedoError) -> None:
        """Do events again as it has been decided."""
        self.shared_up_to, self.alone_up_to, self.conflicts = redo.shared_up_to, redo.alone_up_to, redo.conflicts
