"""What goes into the log and what comes out of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import NamedTuple
from uuid import UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """An event to be appended.

    Attributes:
        uuid: its public id, a UUIDv7.
        signal: number of its signal.
        sender: what it was sent from, as text.
        key: its ordering key.
        payload: JSON.
        headers: JSON; None for none.
    """

    uuid: UUID
    signal: int
    sender: str | None
    key: str | None
    payload: str
    headers: str | None = None


class Entry(NamedTuple):
    """An event as the log holds it.

    Attributes:
        position: its place in the order of having become visible; from 1.
        number: its place in the order of being written.
        sent: when it was, in seconds since the epoch.
    """

    position: int
    number: int
    uuid: UUID
    signal: int
    sender: str | None
    key: str | None
    payload: str
    headers: str | None
    sent: float

    @property
    def place(self) -> tuple[int, UUID]:
        """Where this very event stands: a log that has lost something gives positions and numbers again."""
        return self.position, self.uuid

    @property
    def sent_at(self) -> datetime:
        """When it was sent, aware, in UTC whatever the project's own times are in."""
        return datetime.fromtimestamp(self.sent, UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """One of several equal shares of the log.

    Attributes:
        number: from 0.
        count: of how many.
        by_key: whether events of one key belong to one share; else all are spread by position.
    """

    number: int
    count: int
    by_key: bool = True


ALL = Share(number=0, count=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class News:
    """What the log has got since somebody last looked.

    Attributes:
        mark: to be given when looking next.
        last_position: the last position given so far; 0 for none.
        signals: numbers of the signals that have new events; None if that is not known, so that any may have.
        is_complete: whether everything committed before the look is in it; else another session was at a step.
    """

    mark: int
    last_position: int
    signals: frozenset[int] | None
    is_complete: bool
