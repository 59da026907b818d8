"""The connections of one signal: adding, removing, and clearing away what was collected."""

from __future__ import annotations

import threading
import weakref
from collections.abc import Callable, Hashable, Iterable, Iterator
from contextlib import suppress
from functools import partial
from types import MethodType
from typing import Any, TypeAlias, TypeGuard, TypeVar

from heliograph.dispatch.binding import Receiver
from heliograph.dispatch.entries import Entry, ReceiverList
from heliograph.dispatch.identity import Identity, name_of, place_of

T = TypeVar("T")

#: What tells one connection of a signal from another: the receiver or its dispatch_uid, and the sender.
Key: TypeAlias = "tuple[Hashable, Identity]"


class Connections:
    """The entries of a signal in the order of connecting.

    Adding and removing take the lock; reading does not. A finalizer takes none either: it leaves word in lists,
    which the next change (for the entries) and the next send or change (for the warnings) go through.

    Args:
        changed: called after each change, also from finalizers.

    Attributes:
        entries: by key; replaced or changed under the lock only, where tools do not assign a list.
    """

    def __init__(self, changed: Callable[[], None]) -> None:
        # Reentrant, because a __del__ that disconnects may come while this very thread connects.
        self.lock = threading.RLock()
        self.entries: dict[Key, Entry] = {}
        self.changed = changed
        self._listed: weakref.ref[ReceiverList] | None = None
        self._before: list[Entry] = []
        self._dead: list[Key] = []
        self._lost: list[str] = []

    def add(self, entry: Entry) -> Entry:
        """Add an entry, and return it or the live one that holds its key already."""
        with self.lock:
            self.purge()
            holder = self.entries.get(entry[0])
            if holder is None or holder.is_dead:
                self.entries[entry[0]] = holder = entry
                if (listed := self._list_in_use()) is not None:
                    list.append(listed, entry)
                self.changed()
            return holder

    def remove(self, key: Key) -> bool:
        """Remove the entry of a key, and tell whether there was one."""
        with self.lock:
            self.purge()
            entry = self.entries.pop(key, None)
            if entry is None:
                return False
            self._unlist(entry)
            self.changed()
            return True

    def listed(self) -> ReceiverList:
        """Return the entries as the list that follows them; the same one as long as somebody holds it."""
        listed = self._list_in_use()
        if listed is None:
            with self.lock:
                listed = self._list_in_use()
                if listed is None:
                    listed = ReceiverList((entry for entry in self.now() if not entry.is_dead), self)
                    self._listed = weakref.ref(listed)
        return listed

    def assign(self, entries: Iterable[Any]) -> None:
        """Put other entries in place; the list handed out before keeps its own."""
        with self.lock:
            self._before = self.now()
            if (listed := self._list_in_use()) is not None and entries is not listed:
                listed.detach()
                self._listed = None
            self.take(entries)

    def restore(self) -> None:
        """Put in place what stood there before the last assignment: how mock.patch.object ends."""
        self.assign(self._before)

    def take(self, entries: Iterable[Any]) -> None:
        """Put other entries in place."""
        kept = [entry if isinstance(entry, Entry) else Entry(entry) for entry in entries]
        entries = {entry[0]: entry for entry in reversed(kept) if not entry.is_dead}
        with self.lock:
            self.entries = dict(reversed(entries.items()))
            self.changed()

    def now(self) -> list[Entry]:
        """Return the entries as they are at this moment. Takes no lock."""
        return list(self.entries.values())

    def reference(self, receiver: Receiver, key: Key) -> weakref.ref[Any]:
        """Return a weak reference to a receiver, which reports its end."""
        if _is_bound(receiver):
            return weakref.WeakMethod(receiver, partial(self._forget, key, None))
        lost, qualname = None, getattr(receiver, "__qualname__", None)
        if isinstance(qualname, str) and "<" in qualname:
            lost = f"{name_of(receiver)} ({place_of(receiver)})"
        return weakref.ref(receiver, partial(self._forget, key, lost))

    def sender_reference(self, sender: object, key: Key) -> weakref.ref[Any] | None:
        """Return a weak reference to a sender, which reports its end; None where there can be none."""
        if sender is None:
            return None
        try:
            return (weakref.WeakMethod if _is_bound(sender) else weakref.ref)(sender, partial(self._forget, key, None))
        except TypeError:
            return None

    def lost(self) -> list[str]:
        """Return, once, the local functions that were collected while connected."""
        return list(_drained(self._lost)) if self._lost else []

    def _forget(self, key: Key, lost: str | None, _: object) -> None:
        # Runs in a finalizer, at any moment of any thread.
        entry = self.entries.get(key)
        if lost is not None and entry is not None and entry.is_dead:
            self._lost.append(lost)
        self._dead.append(key)
        self.changed()

    def purge(self) -> None:
        """Remove the entries that finalizers have reported. The caller holds the lock."""
        for key in _drained(self._dead):
            entry = self.entries.get(key)
            if entry is not None and entry.is_dead:
                self.entries.pop(key, None)
                self._unlist(entry)

    def _unlist(self, entry: Entry) -> None:
        if (listed := self._list_in_use()) is not None:
            with suppress(ValueError):  # a __del__ may have come first
                list.remove(listed, entry)

    def _list_in_use(self) -> ReceiverList | None:
        return None if self._listed is None else self._listed()


def _drained(items: list[T]) -> Iterator[T]:
    """Yield and remove what a list has; popping is atomic, asking first whether there is something is not."""
    with suppress(IndexError):
        while True:
            yield items.pop(0)


def _is_bound(target: object) -> TypeGuard[MethodType]:
    """Tell whether the target is a bound method: a new object each time it is asked for, so it dies at once."""
    return hasattr(target, "__self__") and hasattr(target, "__func__")
