"""A subscription as a worker reads it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from heliograph.delivery.declaration.registry import DurableReceiver


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A subscription of one database with the receiver that this process has for it.

    Attributes:
        subscription: its number.
        name: the receiver's name.
        run: the receiver's function, to be called from a thread without an event loop.
        signals: the signals it reads, by number; each by its name and as the object that is sent.
    """

    alias: str
    subscription: int
    name: str
    receiver: DurableReceiver
    run: Callable[..., object]
    signals: Mapping[int, tuple[str, Any]]

    @property
    def by_key(self) -> bool:
        """Whether events of one key belong together."""
        return bool(self.receiver.options.ordering != "none")
