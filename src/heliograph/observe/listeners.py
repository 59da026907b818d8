"""Who listens to what, in rows for people and for programs."""

from __future__ import annotations

import os
import sysconfig
from dataclasses import dataclass

from heliograph.dispatch.identity import name_of, place_of
from heliograph.events.names import label, signal_name
from heliograph.observe.connected import Connected, connected
from heliograph.observe.signals import all_signals
from heliograph.senders.attach import is_own


@dataclass(frozen=True, slots=True, kw_only=True)
class Listener:
    """One connection as it can be shown.

    Attributes:
        signal: name of the signal.
        receiver: name of the receiver.
        place: ``file:line`` of the receiver, from the current directory or a directory of packages onwards.
        mode: ``now``, ``on_commit`` or ``durable``.
        sender: what the sender is called; None where every sender is heard.
        subclasses: whether the sender stands for its subclasses too.
        is_async: whether it is called as a coroutine function.
        weak: whether the signal holds it weakly.
    """

    signal: str
    receiver: str
    place: str
    mode: str
    sender: str | None
    subclasses: bool
    is_async: bool
    weak: bool


def listeners() -> list[Listener]:
    """Return everything that is connected, by signal, then in the order of connecting."""
    return [listener(connection) for signal in all_signals() for connection in connected(signal)]


def unheard() -> list[str]:
    """Return the names of Heliograph's own signals to which nothing is connected."""
    own = [signal for signal in all_signals() if is_own(signal) and not connected(signal)]
    return [name for signal in own if (name := signal_name(signal)) is not None]


def listener(connection: Connected) -> Listener:
    """Return a connection as it can be shown."""
    return Listener(
        signal=label(connection.signal),
        receiver=connection.binding.name or name_of(connection.receiver),
        place=_shortened(place_of(connection.receiver)),
        mode=connection.binding.mode,
        sender=None if connection.hears_anyone else sender_label(connection.sender),
        subclasses=connection.binding.subclasses,
        is_async=connection.is_async,
        weak=connection.weak,
    )


def sender_label(sender: object) -> str:
    """Return what a sender is called: a model its label, a class its dotted path."""
    if isinstance(sender, type):
        meta = getattr(sender, "_meta", None)
        return str(meta.label) if meta is not None else f"{sender.__module__}.{sender.__qualname__}"
    return "an object" if sender is None else repr(sender)


def _shortened(place: str) -> str:
    folders = [os.getcwd(), *(sysconfig.get_path(kind) for kind in ("purelib", "platlib"))]
    folders.sort(key=len, reverse=True)
    return next((place.removeprefix(folder + os.sep) for folder in folders if place.startswith(folder + os.sep)), place)
