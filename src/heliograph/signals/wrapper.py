"""A receiver on a signal that is not Heliograph's own: it brings along what that dispatcher cannot do."""

from __future__ import annotations

import sys
import weakref
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, TypeAlias

from asgiref.sync import iscoroutinefunction, markcoroutinefunction, sync_to_async

from heliograph.dispatch import muting
from heliograph.dispatch.binding import Binding, Bound, Receiver
from heliograph.dispatch.calls import acall_inside
from heliograph.dispatch.identity import identify
from heliograph.dispatch.recursion import calls_receivers, explain
from heliograph.events.names import label
from heliograph.signals.sendings import robust_sending, turn

#: Tells by what is sent whether a receiver wants to hear it.
Hears: TypeAlias = Callable[[Mapping[str, Any]], bool]

#: Wrappers by the id of what they live as long as: a signal only has a weak reference to a wrapper.
_kept: dict[int, tuple[weakref.ref[Any], dict[int, Wrapper]]] = {}


class Wrapper(Bound):
    """A receiver with its binding, as one callable that any Django dispatcher can connect.

    It equals the receiver, so that responses show it, and refers to it weakly where it was connected weakly.
    """

    def __init__(self, receiver: Receiver, binding: Binding, *, weak: bool, hears: Hears | None = None) -> None:
        self.binding = binding
        self._hears = hears
        self._resolve = reference(receiver) if weak else lambda: receiver
        self._hash = _hash(receiver)
        for name in ("__module__", "__name__", "__qualname__", "__doc__"):
            if hasattr(receiver, name):
                setattr(self, name, getattr(receiver, name))
        self._was_referred = False
        self._asynchronous = iscoroutinefunction(receiver) and not binding.sync
        if self._asynchronous:
            markcoroutinefunction(self)

    def target(self) -> Receiver | None:
        return self._resolve()

    def in_use(self) -> bool:
        """Tell whether a signal refers to it weakly, or has not done so yet because it waits for its sender."""
        referred = weakref.getweakrefcount(self) > 0
        self._was_referred = referred or self._was_referred
        return referred or not self._was_referred

    @property
    def stands_alone(self) -> bool:
        """Whether this is a connection in its own right, and not a part of one."""
        return self._hears is None

    def listens(self, named: Mapping[str, Any]) -> bool:
        """Tell whether its receiver is there and wants what is sent from one of the senders it is connected for."""
        return self._resolve() is not None and (self._hears is None or self._hears(named))

    @property
    def __wrapped__(self) -> Receiver | None:
        return self._resolve()

    def __eq__(self, other: object) -> bool:
        if other is self:
            return True
        receiver = self._resolve()  # once it is gone, another object may have its id
        return receiver is not None and identify(other) == identify(receiver)

    def __hash__(self) -> int:
        return self._hash

    def __repr__(self) -> str:
        return f"<heliograph receiver {self._resolve()!r}>"

    def __call__(self, **named: Any) -> Any:
        return self._acall(named) if self._asynchronous else self._call(named)

    @calls_receivers
    def _call(self, named: dict[str, Any]) -> Any:
        receiver = self._audible(named)
        if receiver is None:
            return None
        via, guard = self.binding.via, self.binding.guard
        try:
            scope = guard() if guard is not None else None
            if scope is not None and robust_sending(sys._getframe(2)) is not None:
                with scope():
                    return receiver(**named) if via is None else via(receiver, named)
            return receiver(**named) if via is None else via(receiver, named)
        except RecursionError as error:
            explained = explain(error, label)
            if explained is error:
                raise
            raise explained from None

    async def _acall(self, named: dict[str, Any]) -> Any:
        receiver, via, guard = self._audible(named), self.binding.via, self.binding.guard
        if receiver is None:
            return None
        sending = robust_sending(sys._getframe(1)) if guard is not None else None
        if guard is not None and sending is not None and (scope := await sync_to_async(guard)()) is not None:
            async with turn(sending):
                return await acall_inside(scope, via, receiver, named)
        return await (receiver(**named) if via is None else via(receiver, named))

    def _audible(self, named: dict[str, Any]) -> Receiver | None:
        """Return the receiver, unless it is gone, does not hear this sending, or is muted in this context."""
        receiver = self._resolve() if self.listens(named) else None
        if muting.active and (muting.is_muted(receiver) or muting.is_muted(named.get("signal"))):
            return None
        return receiver


def _hash(receiver: Receiver) -> int:
    try:
        return hash(receiver)
    except TypeError:
        return id(receiver)


def keep(wrapper: Wrapper, receiver: Receiver) -> None:
    """Keep a wrapper as long as its receiver lives, or the object whose bound method the receiver is."""
    owner = getattr(receiver, "__self__", None) if hasattr(receiver, "__func__") else receiver
    key = id(owner)
    if key not in _kept:
        _kept.setdefault(key, (weakref.ref(owner, partial(_let_go, _kept, key)), {}))
    wrappers = _kept[key][1]
    wrappers[id(wrapper)] = wrapper
    for each in list(wrappers.values()):
        if not each.in_use():
            wrappers.pop(id(each), None)


def _let_go(kept: dict[int, Any], key: int, _: object) -> None:
    kept.pop(key, None)  # given as an argument, because this module's globals may be gone when a finalizer comes


def reference(receiver: Receiver) -> Callable[[], Receiver | None]:
    """Return a weak reference to a receiver, also to a bound method."""
    return weakref.WeakMethod(receiver) if hasattr(receiver, "__func__") else weakref.ref(receiver)
