"""The values that have no parts: how each is written and read."""

from __future__ import annotations

import base64
import binascii
import math
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.utils.safestring import SafeString

from heliograph.events.codec.refusal import RefusedError


def is_plain_text(text: str) -> bool:
    """Tell whether every JSON reader takes this text: PostgreSQL's refuses NUL and lone surrogates."""
    if "\0" in text:
        return False
    if text.isascii():
        return True
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _itself(value: Any) -> Any:
    return value


def _from_str(value: str) -> Any:
    if value.isascii() and "\0" not in value:
        return value
    return value if is_plain_text(value) else {"$str": _base64(value.encode("utf-8", "surrogatepass"))}


def _from_int(value: int) -> Any:
    # Readers of JSON differ above 64 bits, and Python's own refuses some thousands of digits.
    return value if value.bit_length() < 64 else {"$int": hex(value)}


def _from_float(value: float) -> Any:
    return value if math.isfinite(value) else {"$float": repr(value)}


def _from_time(value: time) -> Any:
    if value.tzinfo is not None and value.utcoffset() is None:
        raise RefusedError(
            "is a time whose zone has no offset without a date. Send a datetime, or the zone's name too."
        )
    return {"$time": value.isoformat()}


def _from_timedelta(value: timedelta) -> Any:
    return {"$timedelta": [value.days, value.seconds, value.microseconds]}


def _base64(value: Any) -> str:
    return binascii.b2a_base64(value, newline=False).decode("ascii")


#: How each type is written. Subclasses are not in it: they would not come back as they were.
SCALARS: dict[type, Callable[[Any], Any]] = {
    type(None): _itself,
    bool: _itself,
    int: _from_int,
    str: _from_str,
    float: _from_float,
    SafeString: _from_str,
    Decimal: lambda value: {"$decimal": str(value)},
    UUID: lambda value: {"$uuid": str(value)},
    datetime: lambda value: {"$datetime": value.isoformat()},
    date: lambda value: {"$date": value.isoformat()},
    time: _from_time,
    timedelta: _from_timedelta,
    bytes: lambda value: {"$bytes": _base64(value)},
    bytearray: lambda value: {"$bytearray": _base64(value)},
    memoryview: lambda value: {"$bytes": _base64(value.tobytes())},
}


def _to_bytes(text: str) -> bytes:
    return base64.b64decode(text, validate=True)


def _to_timedelta(parts: list[Any]) -> timedelta:
    days, seconds, microseconds = parts
    return timedelta(days=days, seconds=seconds, microseconds=microseconds)


#: How each tag is read: the type of what it holds, and the function.
TAGS: dict[str, tuple[type, Callable[[Any], Any]]] = {
    "$str": (str, lambda text: _to_bytes(text).decode("utf-8", "surrogatepass")),
    "$int": (str, lambda text: int(text, 16)),
    "$float": (str, float),
    "$decimal": (str, Decimal),
    "$uuid": (str, UUID),
    "$datetime": (str, datetime.fromisoformat),
    "$date": (str, date.fromisoformat),
    "$time": (str, time.fromisoformat),
    "$timedelta": (list, _to_timedelta),
    "$bytes": (str, _to_bytes),
    "$bytearray": (str, lambda text: bytearray(_to_bytes(text))),
}

#: What the functions of ``TAGS`` raise for what they cannot read.
UNREADABLE = (ValueError, ArithmeticError, TypeError)
