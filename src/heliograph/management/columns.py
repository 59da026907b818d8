"""Cells in columns, and times and numbers in them, for a terminal."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

_UNITS = ((86400, "d"), (3600, "h"), (60, "min"))


def aligned(cells: Sequence[tuple[str, ...]], numbers: Sequence[int] = ()) -> list[str]:
    """Return rows of cells as lines, the cells of a column below each other.

    Args:
        numbers: the columns that stand on the right.
    """
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    return [
        "  ".join(_cell(*each, numbers) for each in zip(range(len(row)), row, widths, strict=True)).rstrip()
        for row in cells
    ]


def duration(seconds: float | None) -> str:
    """Return how long something is in its largest unit; a dash for none."""
    if seconds is None:
        return "-"
    for length, unit in _UNITS:
        if seconds >= length:
            return f"{int(seconds // length)} {unit}"
    return f"{int(seconds)} s"


def moment(time: datetime) -> str:
    """Return a time to the second, in UTC."""
    return f"{time.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"


def amount(count: int, one: str, many: str = "") -> str:
    """Return a number of things in words: ``1 event``, ``12,000 events``."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def shortened(text: str, length: int) -> str:
    """Return the beginning of a text, and how long it is if something is missing."""
    return text if len(text) <= length else f"{text[:length]}… ({len(text):,} characters)"


def _cell(column: int, cell: str, width: int, numbers: Sequence[int]) -> str:
    return cell.rjust(width) if column in numbers else cell.ljust(width)
