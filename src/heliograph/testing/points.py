"""The points at which a worker can be killed."""

from __future__ import annotations

import difflib
from enum import StrEnum


class Point(StrEnum):
    """Where in its work a worker dies."""

    BEFORE_RECEIVER = "before the receiver"
    """It has the event in hand, and has not called the receiver."""
    AFTER_EFFECT = "after its effect"
    """The receiver has returned; nothing is committed, with ``atomic=False`` all that it has written is."""
    BEFORE_ACKNOWLEDGEMENT = "before the acknowledgement"
    """The position is moved as a part of the receiver's transaction, and COMMIT is the next statement; with
    ``atomic=False``, the position is about to be moved."""
    MID_BATCH = "mid-batch"
    """One event of a transaction is done, and the receiver is about to be called with the next one."""


def point(at: str) -> Point:
    """Return the point of a name.

    Raises:
        ValueError: there is none; the message names the nearest one.
    """
    try:
        return Point(at)
    except ValueError:
        names = [each.value for each in Point]
        near = difflib.get_close_matches(at, names, n=1)
        remedy = f"Did you mean {near[0]!r}?" if near else f"There are: {', '.join(map(repr, names))}."
        raise ValueError(f"A worker cannot be killed at {at!r}. {remedy}") from None
