"""The synchronous part of a sending that is awaited: it runs in asgiref's thread."""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextvars import ContextVar
from types import FrameType
from typing import Any, NamedTuple, TypeVar

from asgiref.sync import sync_to_async

T = TypeVar("T")


class Line(NamedTuple):
    """A line of code.

    Attributes:
        module: the name of its module.
    """

    filename: str
    number: int
    module: str


#: The user's line that awaits the sending, for what is called in the thread, whose own stack does not have it.
awaited_at: ContextVar[Line | None] = ContextVar("awaited_at", default=None)


async def in_thread(function: Callable[..., T], *args: Any, **named: Any) -> T:
    """Call a synchronous function in asgiref's thread, with ``awaited_at`` set."""
    frame = sys._getframe(1)
    while module_of(frame).partition(".")[0] == "heliograph" and frame.f_back is not None:
        frame = frame.f_back
    token = awaited_at.set(line_of(frame))
    try:
        return await sync_to_async(function)(*args, **named)
    finally:
        awaited_at.reset(token)


def line_of(frame: FrameType) -> Line:
    """Return the line at which a frame is."""
    return Line(frame.f_code.co_filename, frame.f_lineno, module_of(frame))


def module_of(frame: FrameType) -> str:
    """Return the name of the module whose code a frame runs."""
    name: str = frame.f_globals.get("__name__", "")
    return name
