"""What is written of sendings: key, payload and headers."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

from django.db.models import signals

from heliograph.delivery.declaration.hearing import heard_by
from heliograph.delivery.declaration.options import DurableOptions
from heliograph.delivery.declaration.registry import options_of
from heliograph.delivery.recording.ordering import key_of
from heliograph.dispatch import muting
from heliograph.errors import NoCurrentEventError
from heliograph.events.codec.payload import encode_payload
from heliograph.events.codec.senders import encode_sender
from heliograph.events.current import current_event
from heliograph.events.ids import uuid7
from heliograph.log.entries import Recording
from heliograph.settings import options

#: So many causes of causes go with an event, for whoever looks for a loop.
_CAUSES = 8


def contents(
    signal: Any,
    name: str,
    number: int,
    sender: Any,
    sendings: Sequence[Mapping[str, Any]],
    names: Sequence[str],
    *,
    alias: str,
) -> list[Recording]:
    """Return the events for sendings of a signal.

    Args:
        name: of the signal.
        number: of the signal, in the log.
        names: of the receivers that hear them.
        alias: of the database that the sendings belong to.

    Returns:
        One for each sending, in their order, without those that none of the receivers wants (fixtures).

    Raises:
        PayloadError: something that is sent cannot be recorded.
        ValueError: the receivers want different payloads, or the key cannot be stored.
    """
    by_name = {each: options_of(each) for each in names}
    caused, text = _headers(signal, sender, names), encode_sender(sender)
    found = []
    for named in sendings:
        deaf = _deaf(signal, named, by_name)
        if len(deaf) < len(by_name):
            headers = {**caused, "muted": [*caused.get("muted", ()), *deaf]} if deaf else caused
            found.append(
                Recording(
                    uuid=uuid7(),
                    signal=number,
                    sender=text,
                    key=key_of(signal, named),
                    payload=_payload(name, named, by_name, alias),
                    headers=json.dumps(headers) if headers else None,
                )
            )
    return found


def _headers(signal: Any, sender: Any, names: Sequence[str]) -> dict[str, Any]:
    """Return what goes with every event: what caused it, and who of those that hear it does not get it."""
    headers: dict[str, Any] = {}
    with suppress(NoCurrentEventError):
        cause = current_event()
        causes = [*cause.headers.get("causes", ()), f"{cause.signal} {cause.id}"]
        headers |= {
            "hops": cause.headers.get("hops", 0) + 1,
            "cause": str(cause.id),
            "causes": causes[-_CAUSES:],
        }
    if muting.active and (muted := [each for each in heard_by(signal, sender) if each not in names]):
        headers["muted"] = muted
    return headers


def _deaf(signal: Any, named: Mapping[str, Any], by_name: Mapping[str, DurableOptions]) -> list[str]:
    """Return the receivers that do not want a sending: a row of a fixture, if they have not asked for those."""
    if named.get("raw") is not True or (signal is not signals.pre_save and signal is not signals.post_save):
        return []
    return [name for name, wanted in by_name.items() if not wanted.raw]


def _payload(name: str, named: Mapping[str, Any], by_name: Mapping[str, DurableOptions], alias: str) -> str:
    max_bytes = options().MAX_PAYLOAD_BYTES
    if len(by_name) == 1:
        (wanted,) = by_name.values()
        payload, snapshot = wanted.payload, wanted.snapshot
    else:
        payload, snapshot = _common_payload(by_name), _common_snapshot(by_name)
    if payload is not None:
        named = payload(**named)
        if not isinstance(named, Mapping):
            raise ValueError(f"payload={payload!r} returned {named!r}; it returns a dictionary of arguments.")
    return encode_payload(name, named, max_bytes=max_bytes, snapshot=snapshot, alias=alias)


def _common_payload(by_name: Mapping[str, DurableOptions]) -> Any:
    first, *others = by_name.values()
    if any(each.payload is not first.payload for each in others):
        raise ValueError(
            "the receivers have different payload=..., and they share one event. Give all of them the same."
        )
    return first.payload


def _common_snapshot(by_name: Mapping[str, DurableOptions]) -> bool | tuple[str, ...]:
    """Return the snapshot that has what each of the receivers wants."""
    wanted = [each.snapshot for each in by_name.values() if each.snapshot is not False]
    if True in wanted:
        return True
    fields = dict.fromkeys(field for each in wanted if not isinstance(each, bool) for field in each)
    return tuple(fields) or False
