"""Who hears what, among the durable receivers of this process."""

from __future__ import annotations

from typing import Any

from heliograph.delivery.declaration.registry import DurableReceiver
from heliograph.senders.durable import names_listening


def hears(receiver: DurableReceiver, signal: Any, sender: object) -> bool:
    """Tell whether a durable receiver listens to a signal for a sender now, mutes aside."""
    return receiver.name in names_listening(signal, sender)


def heard_by(signal: Any, sender: object) -> list[str]:
    """Return the names of the durable receivers that listen to a signal for a sender now, mutes aside.

    Returns:
        Each name once, in the order of connecting.
    """
    return names_listening(signal, sender)
