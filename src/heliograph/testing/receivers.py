"""The durable receiver that a test means."""

from __future__ import annotations

from typing import Any

from heliograph.delivery.declaration.registry import DurableReceiver, durable_receivers
from heliograph.dispatch.identity import identify, name_of, place_of
from heliograph.errors import ReceiverDeclarationError


def durable(receiver: Any) -> DurableReceiver:
    """Return the declaration of a durable receiver.

    Args:
        receiver: the function, or its name.

    Raises:
        ReceiverDeclarationError: it is not durable, or connected to nothing.
    """
    known = durable_receivers()
    for each in known:
        if receiver == each.name if isinstance(receiver, str) else identify(receiver) == identify(each.function):
            return each
    named = repr(receiver) if isinstance(receiver, str) else f"{name_of(receiver)} ({place_of(receiver)})"
    raise ReceiverDeclarationError(
        f"{named} is no durable receiver. Declare it with @receiver(..., durable=True). The durable receivers of this "
        f"process: {', '.join(each.name for each in known) or 'none'}."
    )
