"""Senders that stand for their subclasses too."""

from __future__ import annotations

import weakref
from collections.abc import Iterator, Mapping
from typing import Any

from django.apps import apps

from heliograph.dispatch.binding import Binding, Receiver
from heliograph.senders.attach import attach, holder_of, is_own, key_of
from heliograph.senders.prepared import watch
from heliograph.signals.recording import receiver_of
from heliograph.signals.wrapper import Wrapper, reference


def connect_to_object(signal: Any, receiver: Receiver, binding: Binding, options: dict[str, Any]) -> None:
    """Connect a receiver to a sender, and to its subclasses where the binding says so."""
    attach(signal, receiver, binding, options)
    if binding.subclasses and not is_own(signal):
        _Family(signal, receiver, binding, options).connect()


class _Family:
    """The subclasses of a sender, on a signal that knows nothing of them.

    The connection to the sender itself stands for all: once it is undone, none is heard.
    """

    def __init__(self, signal: Any, receiver: Receiver, binding: Binding, options: dict[str, Any]) -> None:
        self._signal = signal
        self._base: Any = options["sender"]
        self._resolve = reference(receiver) if options.get("weak", True) else lambda: receiver
        self._binding = binding
        self._key = key_of(receiver, self._base, options)
        holder = self._holder()
        self._anchor = weakref.ref(holder) if isinstance(holder, Wrapper) else None
        self._options = {**options, "dispatch_uid": ("heliograph.family", *self._key)}

    def connect(self) -> None:
        """Connect the subclasses: models one by one, those to come too; other classes as they send.

        Django's model signals are asked who listens to a model before its rows are fetched for deletion, so the
        others must not seem to have a listener.
        """
        if not hasattr(self._base, "_meta"):
            self._attach(None)
            return
        for model in _descendants(self._base):
            self._connect_to_model(model)
        watch(self._connect_to_model)

    def _connect_to_model(self, model: Any) -> bool:
        if not self._is_connected():
            return False
        if model is not self._base and issubclass(model, self._base) and model._meta.apps is self._base._meta.apps:
            self._attach(model)
        return True

    def _attach(self, sender: type | None) -> None:
        receiver = self._resolve()
        if receiver is None:
            return

        def hears(named: Mapping[str, Any]) -> bool:
            if not self._is_connected():
                self._signal.disconnect(sender=sender, dispatch_uid=self._options["dispatch_uid"])
                return False
            return sender is not None or self._is_member(named["sender"])

        # What an earlier family under this key has left goes first: it would keep this one out.
        self._signal.disconnect(sender=sender, dispatch_uid=self._options["dispatch_uid"])
        attach(self._signal, receiver, self._binding, {**self._options, "sender": sender}, hears)

    def _is_connected(self) -> bool:
        holder = self._holder()
        return holder is not None and self._resolve() is not None and (self._anchor is None or holder is self._anchor())

    def _holder(self) -> Any:
        """Return what is connected under the family's key: another one, if it was undone and made again."""
        holder = holder_of(self._signal, self._key)
        return None if holder is None else receiver_of(holder)

    def _is_member(self, sender: object) -> bool:
        if not isinstance(sender, type) or sender is self._base or not issubclass(sender, self._base):
            return False
        return getattr(getattr(sender, "_meta", None), "apps", apps) is apps  # none of a past migration's


def _descendants(base: type) -> Iterator[Any]:
    child: Any
    for child in base.__subclasses__():
        yield child
        yield from _descendants(child)
