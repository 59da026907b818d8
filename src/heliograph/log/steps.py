"""Steps of the sequencer, whose lock another session may hold."""

from __future__ import annotations

import time

from heliograph.log.entries import News
from heliograph.log.log import Log

_BETWEEN_SECONDS = 0.001


def bring_up_to_date(log: Log, *, seconds: float) -> bool:
    """Give everything that has been committed its position, and tell whether that could be done in time.

    Args:
        seconds: how long to try while another session is at it. Its step does not do: it may have looked before the
            last commit.
    """
    deadline = time.monotonic() + seconds
    while log.sequence() is None:
        if time.monotonic() >= deadline:
            return False
        time.sleep(_BETWEEN_SECONDS)
    return True


def news(log: Log, since: int | None, *, seconds: float) -> News:
    """Do the same, and return what has come since a mark, complete or not."""
    deadline = time.monotonic() + seconds
    while not (found := log.news(since)).is_complete and time.monotonic() < deadline:
        time.sleep(_BETWEEN_SECONDS)
    return found
