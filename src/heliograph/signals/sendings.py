"""Which sending of Django's own dispatcher a receiver is called by."""

from __future__ import annotations

import asyncio
import weakref
from types import FrameType
from typing import Any


def robust_sending(frame: FrameType | None) -> Any:
    """Return what the nearest of Django's sendings above a frame sends, if it is a robust one; else None.

    All receivers of one sending get the same object, and those of another a different one. Tools may stand in between.
    """
    while frame is not None:
        if frame.f_globals.get("__name__") == "django.dispatch.dispatcher":
            return frame.f_locals["named"] if "send_robust" in frame.f_code.co_qualname else None
        frame = frame.f_back
    return None


def turn(sending: Any) -> asyncio.Lock:
    """Return the lock that lets the asynchronous receivers of one sending run one after another."""
    return _turns.setdefault(id(sending), _Turn(sending))


class _Turn(asyncio.Lock):
    """Keeps its sending, so that no other can have its id."""

    def __init__(self, sending: Any) -> None:
        super().__init__()
        self._sending = sending


_turns: weakref.WeakValueDictionary[int, _Turn] = weakref.WeakValueDictionary()
