"""Values from JSON values with tags."""

from __future__ import annotations

import enum
from collections.abc import Callable
from typing import Any

from heliograph.errors import PayloadDecodeError
from heliograph.events.codec.classes import find_with_views
from heliograph.events.codec.encode import MAX_DEPTH
from heliograph.events.codec.references import References, model_of, short
from heliograph.events.codec.scalars import TAGS, UNREADABLE


def decode(value: Any, alias: str) -> Any:
    """Return the value for JSON values that ``encode`` made.

    Args:
        alias: the event's database, from which model instances are read.

    Raises:
        PayloadDecodeError: when a tag is unknown or malformed, or names something that is not there.
    """
    try:
        return Decoder(alias).value(value, 0)
    except PayloadDecodeError as error:
        raise PayloadDecodeError(f"The value cannot be read: {error}.") from error


class Decoder:
    """Reads the values of one event.

    Args:
        alias: the event's database, from which model instances are read.
    """

    __slots__ = ("_references",)

    def __init__(self, alias: str) -> None:
        self._references = References(alias)

    def value(self, value: Any, depth: int) -> Any:
        """Return the value for JSON values; raise PayloadDecodeError when they cannot be read."""
        kind = type(value)
        if kind is dict:
            return self._object(value, depth)
        if kind is list:
            return self._items(value, depth)
        return value

    def _object(self, written: dict[str, Any], depth: int) -> Any:
        for key in written:
            if key.startswith("$"):
                return self._tagged(written, depth)
        inner = _deeper(depth)
        return {key: self.value(item, inner) for key, item in written.items()}

    def _items(self, written: Any, depth: int) -> list[Any]:
        if not isinstance(written, list):
            raise PayloadDecodeError(f"{short(written)} stands where a list belongs")
        inner = _deeper(depth)
        return [self.value(item, inner) for item in written]

    def _tagged(self, written: dict[str, Any], depth: int) -> Any:
        tag, body = next(iter(written.items()))
        if len(written) > 1 or not (tag in TAGS or tag in _TAGS):
            names = ", ".join(short(key) for key in list(written)[:3])
            raise PayloadDecodeError(
                f"no value is written as an object with {names}. It comes from a newer Heliograph, or is broken"
            )
        if tag not in TAGS:
            return _TAGS[tag](self, body, depth)
        kind, read = TAGS[tag]
        if isinstance(body, kind):
            try:
                return read(body)
            except UNREADABLE:
                pass
        raise PayloadDecodeError(f"{tag} cannot be {short(body)}")

    def _set(self, written: Any, depth: int) -> set[Any]:
        try:
            return set(self._items(written, depth))
        except TypeError:
            raise PayloadDecodeError("a set holds something that no set can hold") from None

    def _dict(self, written: Any, depth: int) -> dict[Any, Any]:
        read = {}
        inner = _deeper(depth)
        for pair in written if isinstance(written, list) else [written]:
            if not isinstance(pair, list) or len(pair) != 2:
                raise PayloadDecodeError(f"{short(pair)} stands where a pair of a key and a value belongs")
            key, item = self.value(pair[0], inner), self.value(pair[1], inner)
            try:
                read[key] = item
            except TypeError:
                raise PayloadDecodeError("a dictionary has a key that no dictionary can have") from None
        return read

    def _instance(self, written: Any, depth: int) -> Any:
        inner = _deeper(depth)
        return self._references.resolve(written, lambda part: self.value(part, inner))


def _deeper(depth: int) -> int:
    # One more than is ever written: an instance counts here.
    if depth > MAX_DEPTH:
        raise PayloadDecodeError(f"it is nested more than {MAX_DEPTH} levels deep")
    return depth + 1


def _enumeration(written: Any, kind: type[enum.Enum]) -> tuple[Any, Any]:
    """Return the class and what picks the member of it."""
    if isinstance(written, list) and len(written) == 2 and isinstance(written[0], str):
        found = find_with_views(written[0])
        if isinstance(found, type) and issubclass(found, kind):
            return found, written[1]
        raise PayloadDecodeError(
            f"no {kind.__name__} goes by the name {short(written[0])} in the modules that are loaded. "
            "Put it back, and have the module of the receiver import it"
        )
    raise PayloadDecodeError(f"{short(written)} stands where a class and a member belong")


def _member(written: Any) -> enum.Enum:
    kind, name = _enumeration(written, enum.Enum)
    member = kind.__members__.get(name) if isinstance(name, str) else None
    if member is None:
        raise PayloadDecodeError(f"{kind.__qualname__} has no member {short(name)}. Put it back")
    return member  # type: ignore[no-any-return]


def _flags(written: Any) -> enum.Flag:
    kind, value = _enumeration(written, enum.Flag)
    try:
        return kind(value)  # type: ignore[no-any-return]
    except UNREADABLE as error:
        raise PayloadDecodeError(f"{kind.__qualname__} has no flags {short(value)}") from error


_TAGS: dict[str, Callable[[Decoder, Any, int], Any]] = {
    "$model": Decoder._instance,
    "$class": lambda decoder, written, depth: model_of(written),
    "$dict": Decoder._dict,
    "$tuple": lambda decoder, written, depth: tuple(decoder._items(written, depth)),
    "$set": Decoder._set,
    "$frozenset": lambda decoder, written, depth: frozenset(decoder._set(written, depth)),
    "$enum": lambda decoder, written, depth: _member(written),
    "$flag": lambda decoder, written, depth: _flags(written),
}
