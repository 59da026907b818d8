"""From a RecursionError to the chain of signals that caused it."""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import CodeType, FrameType
from typing import Any, TypeVar

from heliograph.dispatch.identity import identify, name_of
from heliograph.errors import SignalRecursionError

F = TypeVar("F", bound=Callable[..., Any])

#: Code objects that call a receiver, each with local variables ``receiver`` and ``named`` (which holds the signal).
_callers: set[CodeType] = set()


def calls_receivers(function: F) -> F:
    """Mark a function that calls receivers, with local variables ``receiver`` and ``named``."""
    _callers.add(function.__code__)
    return function


#: So many times a receiver has to be under way at one signal for that to be what never ends.
_ROUNDS = 10


def explain(error: RecursionError, label: Callable[[Any], str] = str) -> RecursionError:
    """Return the error that names the chain, or the error itself where no signal recurs in it.

    Args:
        error: as caught by a function marked with ``calls_receivers``, in its ``except`` clause.
        label: gives the name of a signal.
    """
    if isinstance(error, SignalRecursionError):
        return error
    steps = [(frame.f_locals["named"]["signal"], frame.f_locals["receiver"]) for frame in _frames(error)]
    identities = [(id(signal), identify(receiver)) for signal, receiver in steps]
    for last in range(len(steps) - 1, 0, -1):
        if identities[:last].count(identities[last]) >= _ROUNDS:
            first = last - 1 - identities[:last][::-1].index(identities[last])
            return SignalRecursionError([(label(signal), name_of(receiver)) for signal, receiver in steps[first:last]])
    return error


def _frames(error: BaseException) -> list[FrameType]:
    """Return the frames that call receivers, outermost first, down to where the error was raised."""
    frames: dict[int, FrameType] = {}
    above: FrameType | None = sys._getframe(1)
    while above is not None:
        frames[id(above)] = above
        above = above.f_back
    frames = dict(reversed(frames.items()))
    below = error.__traceback__
    while below is not None:
        frames[id(below.tb_frame)] = below.tb_frame
        below = below.tb_next
    return [frame for frame in frames.values() if frame.f_code in _callers and "receiver" in frame.f_locals]
