"""The event that the running durable receiver handles."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from heliograph.errors import NoCurrentEventError
from heliograph.events.event import Event

_current: ContextVar[Event] = ContextVar("heliograph.current_event")


def current_event() -> Event:
    """Return the event that the durable receiver running here handles.

    Raises:
        NoCurrentEventError: outside a durable receiver that a worker runs.
    """
    try:
        return _current.get()
    except LookupError:
        raise NoCurrentEventError(
            "There is no current event: current_event() answers within a receiver with durable=True that a worker "
            "runs. A receiver that is called in process gets all there is as its arguments."
        ) from None


@contextmanager
def handling(event: Event) -> Iterator[None]:
    """Let ``current_event`` answer with this event within the block, in this context."""
    token = _current.set(event)
    try:
        yield
    finally:
        _current.reset(token)
