"""The event: one recorded sending of a signal."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One recorded sending of a signal.

    Attributes:
        id: a UUIDv7; the idempotency key for effects outside the database.
        signal: name of the signal.
        sender: label of a model or dotted name of a class, as ``encode_sender`` writes it; None if sent from None.
        key: events with one key reach a subscription in the order of their sending; None for no order.
        payload: the arguments as they were recorded: JSON values, with the tags of the codec.
        headers: what goes with the event and is no argument.
        sent_at: aware, UTC.
        alias: the database that holds the event.
        position: place in the log's order; None until the sequencer has given one.
    """

    id: UUID
    signal: str
    sender: str | None
    key: str | None
    payload: Mapping[str, Any]
    headers: Mapping[str, Any]
    sent_at: datetime
    alias: str
    position: int | None = None
