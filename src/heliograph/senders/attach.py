"""Connecting one receiver to one signal for one sender, on any Django dispatcher."""

from __future__ import annotations

import weakref
from typing import Any

from heliograph.dispatch.binding import Binding, Receiver
from heliograph.dispatch.identity import identify
from heliograph.dispatch.signal import Signal as DispatchSignal
from heliograph.signals.wrapper import Hears, Wrapper, keep


def is_own(signal: Any) -> bool:
    """Tell whether a signal is Heliograph's own."""
    return isinstance(signal, DispatchSignal)


def key_of(receiver: Receiver, sender: object, options: dict[str, Any]) -> tuple[Any, Any]:
    """Return the key under which a signal holds the connection."""
    return options.get("dispatch_uid") or identify(receiver), identify(sender)


def attach(
    signal: Any, receiver: Receiver, binding: Binding, options: dict[str, Any], hears: Hears | None = None
) -> None:
    """Connect a receiver with its binding.

    Args:
        options: for the signal's own ``connect``, unchanged.
        hears: tells whether the receiver wants a sending; for signals that are not Heliograph's own.

    Guarantees:
        ``signal.disconnect(receiver)`` undoes it, and a weak connection ends with the receiver, on any dispatcher.
    """
    weak = options.get("weak", True)
    wrapper = Wrapper(receiver, binding, weak=weak, hears=hears)
    if is_own(signal):
        signal.connect(wrapper, **options)
        return
    # Other dispatchers tell the wrapper by this uid, which is what they look for when the receiver is disconnected.
    signal.connect(wrapper, **{**options, "dispatch_uid": options.get("dispatch_uid") or identify(receiver)})
    refused = not weakref.getweakrefcount(wrapper)
    waits = isinstance(options.get("sender"), str) and hasattr(signal, "_lazy_method")
    if weak and (waits or not refused):
        keep(wrapper, receiver)
