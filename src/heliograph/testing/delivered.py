"""What has become of one event for one receiver."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from heliograph.delivery.decisions.states import State


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivered:
    """What ``deliver()`` has come to with one event for one durable receiver.

    Attributes:
        receiver: name of the receiver.
        signal: name of the signal.
        event: the event's id.
        state: ``"done"``; ``"retrying"``, at ``due_at``; ``"held"``, behind an earlier event of its key; ``"dead"``.
        attempts: so many are spent; 0 where nothing went wrong, as nothing is written of that.
        error: what the last attempt raised; None for none.
        due_at: when it is tried again, aware, in UTC; None where it is not.
    """

    receiver: str
    signal: str
    event: UUID
    state: State
    attempts: int
    error: BaseException | None
    due_at: datetime | None
