"""A signal's receivers as Django shows them: a list of entries that tools read, save and replace."""

from __future__ import annotations

import weakref
from collections.abc import Iterable
from typing import Any, Protocol

from heliograph.dispatch.binding import PLAIN, Binding


class Entry(tuple[Any, ...]):
    """One connection: ``((receiver id, sender id), receiver or weak reference, sender reference, is_async)``.

    Its binding stays with it wherever tools carry it.
    """

    binding: Binding = PLAIN

    @property
    def is_dead(self) -> bool:
        """Whether its receiver or its sender is gone."""
        _, receiver, sender, _ = self
        if isinstance(receiver, weakref.ReferenceType) and receiver() is None:
            return True
        return sender is not None and sender() is None

    @property
    def receiver(self) -> Any:
        """The receiver; None once it is gone."""
        receiver = self[1]
        return receiver() if isinstance(receiver, weakref.ReferenceType) else receiver


class Owner(Protocol):
    """What a list of receivers belongs to."""

    def take(self, entries: Iterable[Any], /) -> None: ...

    def changed(self) -> None: ...


class ReceiverList(list[Any]):
    """``signal.receivers``: follows the signal's connections, and changing it changes them.

    Once another list has been assigned to the signal, it keeps the entries that it had.
    """

    def __init__(self, entries: Iterable[Any], owner: Owner) -> None:
        super().__init__(entries)
        self._owner: Owner | None = owner

    def __reduce__(self) -> tuple[Any, ...]:
        return list, (list(self),)  # a copy follows nothing

    def detach(self) -> None:
        """Follow the signal no longer."""
        self._owner = None

    def _wrote(self) -> None:
        if self._owner is not None:
            self._owner.take(self)


def _writing(name: str) -> Any:
    change = getattr(list, name)

    def method(self: ReceiverList, *args: Any, **kwargs: Any) -> Any:
        result = change(self, *args, **kwargs)
        self._wrote()
        return result

    method.__name__ = name
    return method


for _name in (
    *("append", "extend", "insert", "remove", "pop", "clear", "sort", "reverse"),
    *("__setitem__", "__delitem__", "__iadd__", "__imul__"),
):
    setattr(ReceiverList, _name, _writing(_name))


class SenderReceiversCache(dict[Any, Any]):
    """``signal.sender_receivers_cache``: always empty; clearing it makes the next send look again."""

    def __init__(self, owner: Owner) -> None:
        super().__init__()
        self._owner = owner

    def clear(self) -> None:
        self._owner.changed()
