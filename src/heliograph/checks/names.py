"""Signals that cannot be told apart by their names."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from django.core.checks import CheckMessage, Error

from heliograph.events.names import signal_name
from heliograph.observe.signals import all_signals, places
from heliograph.senders.attach import is_own


def names_are_unique(**_: Any) -> list[CheckMessage]:
    """Find two signals under one name, of which one at least is Heliograph's own and can be given another."""
    by_name: dict[str, list[Any]] = defaultdict(list)
    for signal in all_signals():
        if name := signal_name(signal):
            by_name[name].append(signal)
    return [
        Error(
            f"{len(signals)} signals are named {name!r}: {places(name, signals)}.",
            hint="Give one of Heliograph's a name of its own: Signal(name=...).",
            id="heliograph.E003",
        )
        for name, signals in by_name.items()
        if len(signals) > 1 and any(map(is_own, signals))
    ]
