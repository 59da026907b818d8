"""A subscription as a worker reads it, and calling its receiver."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from asgiref.sync import async_to_sync, iscoroutinefunction

from heliograph.delivery.decisions.answers import Reject
from heliograph.delivery.declaration.hearing import hears
from heliograph.delivery.declaration.registry import DurableReceiver
from heliograph.events.codec.payload import decode_payload, loads
from heliograph.events.codec.senders import decode_sender
from heliograph.events.current import handling
from heliograph.events.event import Event
from heliograph.log.entries import Entry
from heliograph.settings import options


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A subscription of one database with the receiver that this process has for it.

    Attributes:
        subscription: its number.
        name: the receiver's name.
        signals: the signals it reads, by number; each by its name and as the object that is sent.
    """

    alias: str
    subscription: int
    name: str
    receiver: DurableReceiver
    signals: Mapping[int, tuple[str, Any]]

    @property
    def by_key(self) -> bool:
        """Whether events of one key belong together."""
        return bool(self.receiver.options.ordering != "none")

    def call(self, entry: Entry) -> bool:
        """Call the receiver with an event, if it hears it, and tell whether it does.

        Raises:
            PayloadDecodeError: its sender or its payload cannot be had any more.
            Reject: receivers have caused it from one another without end.
            BaseException: what the receiver raises.
        """
        if entry.signal not in self.signals:
            return False  # it has been connected to this signal no longer since
        name, signal = self.signals[entry.signal]
        headers = json.loads(entry.headers) if entry.headers else {}
        if not {self.name, *self.receiver.options.aliases}.isdisjoint(headers.get("muted", ())):
            return False
        _reject_if_endless(headers)
        sender = decode_sender(entry.sender)
        if not hears(self.receiver, signal, sender):
            return False
        payload = loads(entry.payload)
        event = Event(
            id=entry.uuid,
            signal=name,
            sender=entry.sender,
            key=entry.key,
            payload=payload,
            headers=headers,
            sent_at=entry.sent_at,
            alias=self.alias,
            position=entry.position,
        )
        named = decode_payload(payload, self.alias)
        function = self.receiver.function
        with handling(event):
            (async_to_sync(function) if iscoroutinefunction(function) else function)(
                **named, signal=signal, sender=sender
            )
        return True


def _reject_if_endless(headers: Mapping[str, Any]) -> None:
    if headers.get("hops", 0) > options().MAX_HOPS:
        raise Reject(
            f"it is {headers['hops']} events away from the first that caused it, and MAX_HOPS is "
            f"{options().MAX_HOPS}: receivers cause each other's events without end. Its causes, the latest last: "
            f"{' -> '.join(map(str, headers.get('causes', [])))}"
        )
