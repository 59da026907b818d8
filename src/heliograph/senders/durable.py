"""Which durable receivers a signal of any dispatcher has."""

from __future__ import annotations

from typing import Any

from heliograph.dispatch.binding import PLAIN
from heliograph.senders.attach import is_own
from heliograph.signals.recording import listening, receiver_of
from heliograph.signals.wrapper import Wrapper


def names_connected(signal: Any) -> set[str]:
    """Return the names of the durable receivers that are connected to a signal, for whatever sender."""
    return {name for entry in list(signal.receivers) if (name := _name(entry)) is not None}


def disconnect_durable(signal: Any, name: str) -> None:
    """Disconnect the durable receiver of a name from a signal, for all senders."""
    with signal.lock:
        signal.receivers[:] = [entry for entry in signal.receivers if _name(entry) != name]
        signal.sender_receivers_cache.clear()


def names_listening(signal: Any, sender: object) -> list[str]:
    """Return the names of the durable receivers that listen to a sender, mutes aside."""
    if is_own(signal):
        recorder = signal._indexed(sender).recorder
        return [] if recorder is None else recorder.names()
    wrappers = listening(signal, {"signal": signal, "sender": sender})
    return list(dict.fromkeys(wrapper.name for wrapper in wrappers))


def _name(entry: tuple[Any, ...]) -> str | None:
    """Return the name of the durable receiver that an entry of a signal holds; None for any other, or none."""
    held = receiver_of(entry)
    binding = held.binding if isinstance(held, Wrapper) else getattr(entry, "binding", PLAIN)
    return None if held is None or binding.record is None else binding.name
