"""Connecting one receiver to one signal for one sender, on any Django dispatcher."""

from __future__ import annotations

import weakref
from typing import Any

from heliograph.dispatch.binding import PLAIN, Binding, Receiver
from heliograph.dispatch.identity import identify, name_of, place_of
from heliograph.dispatch.signal import Signal as DispatchSignal
from heliograph.errors import ReceiverDeclarationError
from heliograph.events.names import label
from heliograph.signals.recording import RecordingWrapper, put_first, receiver_of
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

    Raises:
        ReceiverDeclarationError: the binding records, and another connection has the place of this one.

    Guarantees:
        ``signal.disconnect(receiver)`` undoes it, and a weak connection ends with the receiver, on any dispatcher.
    """
    weak = options.get("weak", True)
    made = Wrapper if binding.record is None else RecordingWrapper
    wrapper = made(receiver, binding, weak=weak, hears=hears)
    if is_own(signal):
        signal.connect(wrapper, **options)
    else:
        _attach_elsewhere(signal, receiver, wrapper, options)
    if binding.record is not None:
        _refuse_if_taken(signal, receiver, binding, options)


def _attach_elsewhere(signal: Any, receiver: Receiver, wrapper: Wrapper, options: dict[str, Any]) -> None:
    # Other dispatchers tell the wrapper by this uid, which is what they look for when the receiver is disconnected.
    signal.connect(wrapper, **{**options, "dispatch_uid": options.get("dispatch_uid") or identify(receiver)})
    refused = not weakref.getweakrefcount(wrapper)
    waits = isinstance(options.get("sender"), str) and hasattr(signal, "_lazy_method")
    if options.get("weak", True) and (waits or not refused):
        keep(wrapper, receiver)
    if isinstance(wrapper, RecordingWrapper):
        put_first(signal)


def _refuse_if_taken(signal: Any, receiver: Receiver, binding: Binding, options: dict[str, Any]) -> None:
    """Refuse a durable receiver that is not connected because something else is: its events would be lost in silence.

    Raises:
        ReceiverDeclarationError: the signal holds another connection under the key of this one.
    """
    holder = holder_of(signal, key_of(receiver, options.get("sender"), options))
    if holder is None:
        return
    held: Any = receiver_of(holder)
    other = getattr(holder, "binding", PLAIN)
    if isinstance(held, Wrapper):
        held, other = held.target(), held.binding
    if other.record is None or other.name != binding.name:
        raise ReceiverDeclarationError(
            f"{binding.name} ({place_of(receiver)}) is not connected to {label(signal)}: "
            f"{name_of(held)} ({place_of(held)}) is, with delivery {other.mode!r}, and a signal has one connection for "
            "a function, or a dispatch_uid, and a sender. Write a second function, or take one of the two away."
        )


def holder_of(signal: Any, key: tuple[Any, Any]) -> Any:
    """Return the entry that a signal holds under a key, or None."""
    return next((entry for entry in list(signal.receivers) if entry[0] == key), None)
