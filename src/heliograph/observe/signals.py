"""The signals of this process, whoever made them."""

from __future__ import annotations

import difflib
import sys
from collections import defaultdict
from typing import Any

import django.dispatch

from heliograph.errors import UnknownSignalError
from heliograph.events.names import qualified, signal_name
from heliograph.signals.signal import signals as own_signals


def all_signals() -> list[Any]:
    """Return every signal that this process knows: Heliograph's own, and those that a loaded module holds."""
    found = {id(signal): signal for signal in own_signals}
    for module in list(sys.modules.values()):
        for value in list(getattr(module, "__dict__", {}).values()):
            # Not isinstance: that would wake the lazy objects which modules hold.
            if issubclass(type(value), django.dispatch.Signal):
                found[id(value)] = value
    return sorted(found.values(), key=lambda signal: signal_name(signal) or "~")


def find_signal(name: str) -> Any:
    """Return the signal of a name, of which the end suffices: ``post_save``.

    Raises:
        UnknownSignalError: there is none, or more than one; the message names those that are near.
    """
    named: dict[str, list[Any]] = defaultdict(list)
    for signal in all_signals():
        if known := signal_name(signal):
            named[known].append(signal)
    if name in named:
        return _only(name, named[name])
    ends = [known for known in named if known.endswith(f".{name}")]
    if len(ends) == 1:
        return _only(ends[0], named[ends[0]])
    if ends:
        raise UnknownSignalError(f"{name!r} may be {' or '.join(sorted(ends))}. Give the whole name.")
    last = {known.rpartition(".")[2]: known for known in named}
    near = difflib.get_close_matches(name, named, n=1) or [
        last[match] for match in difflib.get_close_matches(name.rpartition(".")[2], last, n=1)
    ]
    remedy = f"Did you mean {near[0]!r}?" if near else "`manage.py signals list` shows those there are."
    raise UnknownSignalError(f"There is no signal {name!r}. {remedy}")


def places(name: str, signals: list[Any]) -> str:
    """Return in which module each of the signals of a name is, in words."""
    return ", ".join(sorted(f"one in {_place(name, signal)}" for signal in signals))


def _only(name: str, signals: list[Any]) -> Any:
    if len(signals) > 1:
        raise UnknownSignalError(
            f"{len(signals)} signals are named {name!r}: {places(name, signals)}. "
            "One of them needs a name of its own: heliograph.Signal(name=...)."
        )
    return signals[0]


def _place(name: str, signal: Any) -> str:
    """Return the module that made a signal, else those where it goes by the name."""
    made_in: str | None = getattr(signal, "_made_in", None)
    return made_in or " and ".join(
        module_name
        for module_name, module in sorted(sys.modules.items())
        for attribute, value in list(getattr(module, "__dict__", {}).items())
        if value is signal and qualified(module_name, attribute) == name
    )
