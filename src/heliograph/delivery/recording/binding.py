"""How a durable receiver is connected: what it hears is recorded, and a worker calls it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from heliograph.dispatch.binding import Binding, Receiver


def durable_binding(name: str, *, subclasses: bool = False) -> Binding:
    """Return the binding of a durable receiver.

    Args:
        name: the receiver's name.
        subclasses: whether a class as sender stands for its subclasses too.
    """
    return Binding(mode="durable", name=name, via=_leave, subclasses=subclasses, sync=True, record=_record)


def _leave(receiver: Receiver, named: Mapping[str, Any]) -> None:
    """Leave the receiver to a worker."""


def _record(signal: Any, sender: Any, sendings: Sequence[Mapping[str, Any]], names: Sequence[str]) -> None:
    from heliograph.delivery.recording.recorder import (
        record,  # with it comes django.db, for which it is too early at import
    )

    record(signal, sender, sendings, names)
