"""Values as JSON values, with tags where JSON has no such type."""

from __future__ import annotations

import enum
from collections.abc import Callable
from typing import Any

from django.db.models import Model
from django.utils.functional import LazyObject, Promise, empty

from heliograph.events.codec.classes import dotted_name, find
from heliograph.events.codec.refusal import RefusedError, refuse, refuse_class, refuse_depth, step_of_key
from heliograph.events.codec.scalars import SCALARS, is_plain_text
from heliograph.events.codec.snapshots import Snapshot, label_of, write_instance

#: How deep containers may lie in each other.
MAX_DEPTH = 64


def encode(value: Any, *, argument: str, signal: str = "", snapshot: Snapshot = True, alias: str | None = None) -> Any:
    """Return a value as JSON values.

    Args:
        argument: name of the argument that the value is sent as.
        signal: name of the signal.
        snapshot: whether model instances have a snapshot beside their reference, or the names of its fields.
        alias: the event's database; None if instances can be of no other.

    Raises:
        PayloadError: when something in it cannot come back as it was.
    """
    try:
        return Encoder(snapshot, alias).value(value, 0)
    except RefusedError as refused:
        raise refused.as_error(signal, argument) from None


class Encoder:
    """Writes values.

    Args:
        snapshot: whether model instances have a snapshot beside their reference, or the names of its fields.
        alias: the event's database; None if instances can be of no other.
    """

    __slots__ = ("_alias", "_snapshot")

    def __init__(self, snapshot: Snapshot = True, alias: str | None = None) -> None:
        self._snapshot = snapshot
        self._alias = alias

    def value(self, value: Any, depth: int) -> Any:
        """Return a value as JSON values; raise RefusedError when it cannot be written."""
        kind = type(value)
        if (scalar := SCALARS.get(kind)) is not None:
            return scalar(value)
        if (container := _CONTAINERS.get(kind)) is not None:
            if depth >= MAX_DEPTH:
                raise refuse_depth(MAX_DEPTH)
            return container(self, value, depth + 1)
        return self._other(kind, value, depth)

    def _list(self, items: Any, depth: int) -> list[Any]:
        written: list[Any] = []  # its length tells where a refused item lies
        try:
            for item in items:
                written.append(self.value(item, depth))
        except RefusedError as refused:
            refused.within(items, f"[{len(written)}]")
            raise
        return written

    def _set(self, items: Any, depth: int) -> list[Any]:
        try:
            return [self.value(item, depth) for item in items]
        except RefusedError as refused:
            refused.within(items, "[...]")
            raise

    def _dict(self, items: dict[Any, Any], depth: int) -> dict[str, Any]:
        written: dict[str, Any] = {}
        key: object = None
        try:
            for key, item in items.items():
                if type(key) is not str or not (key.isidentifier() or _is_plain_key(key)):
                    break
                written[key] = self.value(item, depth)
            else:
                return written
        except RefusedError as refused:
            refused.within(items, step_of_key(key))
            raise
        return self._pairs(items, depth)

    def _pairs(self, items: dict[Any, Any], depth: int) -> dict[str, Any]:
        """Return a dictionary in the form that takes any keys."""
        written = []
        key: object = None
        try:
            for key, item in items.items():
                written.append([self.value(key, depth), self.value(item, depth)])
        except RefusedError as refused:
            refused.within(items, step_of_key(key))
            raise
        return {"$dict": written}

    def _other(self, kind: type, value: Any, depth: int) -> Any:
        # By the type alone: isinstance would wake lazy objects.
        if issubclass(kind, Model):
            # Instances within a field's value have no snapshot: they could hold the one that holds them.
            within = Encoder(snapshot=False, alias=self._alias)
            return write_instance(value, lambda part: within.value(part, depth + 1), self._snapshot, self._alias)
        if issubclass(kind, enum.Enum):
            return _member(kind, value)
        if issubclass(kind, type) and issubclass(value, Model):
            return {"$class": label_of(value)}
        if issubclass(kind, Promise) and hasattr(kind, "isidentifier"):  # one that stands for a str
            return self.value(str(value), depth)
        if issubclass(kind, LazyObject):
            if value._wrapped is empty:
                value._setup()
            return self.value(value._wrapped, depth)
        raise refuse(value)


def _is_plain_key(key: str) -> bool:
    """Tell whether a key may stand as it is: a tag has one that begins with "$"."""
    return not key.startswith("$") and is_plain_text(key)


def _member(kind: type[enum.Enum], member: enum.Enum) -> dict[str, Any]:
    name = dotted_name(kind)
    if find(name) is not kind:
        raise refuse_class(kind)
    if issubclass(kind, enum.Flag):
        return {"$flag": [name, member._value_]}
    if kind.__members__.get(member._name_) is not member:
        raise refuse(member)
    return {"$enum": [name, member._name_]}


_CONTAINERS: dict[type, Callable[[Encoder, Any, int], Any]] = {
    dict: Encoder._dict,
    list: Encoder._list,
    tuple: lambda encoder, items, depth: {"$tuple": encoder._list(items, depth)},
    set: lambda encoder, items, depth: {"$set": encoder._set(items, depth)},
    frozenset: lambda encoder, items, depth: {"$frozenset": encoder._set(items, depth)},
}
