"""The arguments of a sending as text, the payload of an event, and back."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress
from typing import Any, NoReturn

from heliograph.errors import PayloadDecodeError, PayloadError
from heliograph.events.codec.arguments import Rules, by_rule, rules_of
from heliograph.events.codec.decode import Decoder
from heliograph.events.codec.encode import Encoder
from heliograph.events.codec.refusal import RefusedError
from heliograph.events.codec.scalars import is_plain_text
from heliograph.events.codec.snapshots import Snapshot

_dumps = json.JSONEncoder(check_circular=False, allow_nan=False, separators=(",", ":")).encode


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


_loads = json.JSONDecoder(parse_constant=_refuse_constant).decode


def encode_payload(
    signal: str, named: Mapping[str, Any], *, max_bytes: int, snapshot: Snapshot = True, alias: str | None = None
) -> str:
    """Return the arguments of a sending as JSON, in ASCII; ``signal`` and ``sender`` are left out.

    Of Django's own signals, what cannot be recorded is left out, and snapshots are if they make the payload too
    large: what worked without a durable receiver works with one.

    Args:
        signal: name of the signal.
        named: what is sent.
        max_bytes: how large a payload may be.
        snapshot: whether model instances have a snapshot beside their reference, or the names of its fields.
        alias: the event's database, which references to other databases are told from; None if there are none. What
            Django's own signals are sent with is always of the event's.

    Raises:
        PayloadError: when something in it cannot come back as it was, or it is too large.
    """
    rules = rules_of(signal)
    if rules is not None:
        return _encode_djangos(rules, named, max_bytes, snapshot)
    encoder, written = Encoder(snapshot, alias), {}
    for name, value in named.items():
        if name not in ("signal", "sender"):
            try:
                written[name] = _write(encoder, name, value)
            except RefusedError as refused:
                raise refused.as_error(signal, name) from None
    text = _dumps(written)
    if len(text) > max_bytes:
        _refuse_size(signal, written, len(text), max_bytes)
    return text


def loads(text: str) -> dict[str, Any]:
    """Return what ``encode_payload`` made as JSON values, still with their tags: the payload of an event.

    Raises:
        PayloadDecodeError: when it is not the JSON of an object.
    """
    try:
        read = _loads(text)
    except (ValueError, TypeError, RecursionError) as error:
        raise PayloadDecodeError(f"The payload is not JSON that can be read: {error}.") from error
    if not isinstance(read, dict):
        raise PayloadDecodeError("The payload is not a JSON object with the arguments by name.")
    return read


def decode_payload(payload: str | Mapping[str, Any], alias: str) -> dict[str, Any]:
    """Return the arguments of a sending; each row that instances refer to is read once.

    Args:
        payload: what ``encode_payload`` or ``loads`` returned.
        alias: the event's database, from which model instances are read.

    Raises:
        PayloadDecodeError: when it is malformed, or names something that is not there.
    """
    written = loads(payload) if isinstance(payload, str) else payload
    decoder, read = Decoder(alias), {}
    for name, value in written.items():
        try:
            read[name] = decoder.value(value, 0)
        except PayloadDecodeError as error:
            raise PayloadDecodeError(f"The argument {name!r} cannot be read: {error}.") from error
    return read


def _encode_djangos(rules: Rules, named: Mapping[str, Any], max_bytes: int, snapshot: Snapshot) -> str:
    arguments = by_rule(rules, named)
    text = _dumps(_what_can_be(arguments, snapshot))
    if len(text) > max_bytes and snapshot is not False:
        # What is still too large then is recorded all the same: a change that works must not begin to fail.
        text = _dumps(_what_can_be(arguments, snapshot=False))
    return text


def _what_can_be(arguments: dict[str, Any], snapshot: Snapshot) -> dict[str, Any]:
    encoder, written = Encoder(snapshot), {}
    for name, value in arguments.items():
        with suppress(RefusedError):
            written[name] = _write(encoder, name, value)
    return written


def _write(encoder: Encoder, name: str, value: Any) -> Any:
    """Return an argument as JSON values. Its name may begin with "$": the object of the arguments is no tag."""
    if not (name.isidentifier() or is_plain_text(name)):
        raise RefusedError("has a name that cannot be recorded. Give it another one.")
    return encoder.value(value, 0)


def _refuse_size(signal: str, written: dict[str, Any], size: int, max_bytes: int) -> NoReturn:
    sizes = {name: len(_dumps(value)) for name, value in written.items()}
    largest = max(sizes, key=sizes.__getitem__)
    raise PayloadError(
        f'{signal}: the payload has {size} bytes, and HELIOGRAPH["MAX_PAYLOAD_BYTES"] allows {max_bytes}. '
        f"The largest argument is {largest!r} with {sizes[largest]} bytes: send a primary key or a file's name in "
        "its place, or declare the receiver with snapshot=[fields].",
        signal=signal,
        argument=largest,
    )
