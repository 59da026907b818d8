"""An event for a receiver, made ready before its turn: all that takes no database."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from heliograph.delivery.decisions.answers import Reject
from heliograph.delivery.declaration.hearing import hears
from heliograph.delivery.worker.reading import Reading
from heliograph.events.codec.payload import decode_payload, loads
from heliograph.events.codec.senders import decode_sender
from heliograph.events.current import handled, handling
from heliograph.events.event import Event
from heliograph.log.entries import Entry
from heliograph.settings import options

#: A payload without it holds plain JSON values alone.
_TAG = '"$'


class Prepared:
    """One event for the receiver of one subscription, to be called once.

    What cannot be read is raised by the call: it is a failure of the event's own, in its turn.
    """

    __slots__ = ("_error", "_event", "_payload", "_sender", "_signal", "entry", "reading")

    def __init__(self, reading: Reading, entry: Entry) -> None:
        self.reading = reading
        self.entry = entry
        self._error: Exception | None = None
        self._event: Event | None = None
        self._signal: Any = None
        try:
            self._prepare()
        except Exception as error:  # noqa: BLE001 - it is raised in its turn
            self._error = error

    def call(self) -> bool:
        """Call the receiver, if it hears the event, and tell whether it does.

        Raises:
            PayloadDecodeError: its sender or its payload cannot be had any more.
            Reject: receivers have caused it from one another without end.
            BaseException: what the receiver raises.
        """
        if self._error is not None:
            raise self._error
        if self._signal is None:
            return False
        has_tags = _TAG in self.entry.payload
        named = decode_payload(self._payload, self.reading.alias) if has_tags else self._payload
        token = handling(self.event)
        try:
            self.reading.run(**named, signal=self._signal, sender=self._sender)
        finally:
            handled(token)
        return True

    def event(self) -> Event:
        """Return the event, with a payload of its own."""
        if self._event is None:
            entry = self.entry
            self._event = Event(
                id=entry.uuid,
                signal=self.reading.signals[entry.signal][0],
                sender=entry.sender,
                key=entry.key,
                payload=loads(entry.payload),
                headers=_headers(entry),
                sent_at=entry.sent_at,
                alias=self.reading.alias,
                position=entry.position,
            )
        return self._event

    def _prepare(self) -> None:
        reading, entry = self.reading, self.entry
        if entry.signal not in reading.signals:
            return  # it has been connected to this signal no longer since
        _, signal = reading.signals[entry.signal]
        if entry.headers:
            headers = _headers(entry)
            if not {reading.name, *reading.receiver.options.aliases}.isdisjoint(headers.get("muted", ())):
                return
            _reject_if_endless(headers)
        self._sender = decode_sender(entry.sender)
        if hears(reading.receiver, signal, self._sender):
            self._signal, self._payload = signal, loads(entry.payload)


def _headers(entry: Entry) -> Any:
    return json.loads(entry.headers) if entry.headers else {}


def _reject_if_endless(headers: Mapping[str, Any]) -> None:
    if headers.get("hops", 0) > options().MAX_HOPS:
        raise Reject(
            f"it is {headers['hops']} events away from the first that caused it, and MAX_HOPS is "
            f"{options().MAX_HOPS}: receivers cause each other's events without end. Its causes, the latest last: "
            f"{' -> '.join(map(str, headers.get('causes', [])))}"
        )
