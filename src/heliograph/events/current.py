"""The event that the running durable receiver handles."""

from __future__ import annotations

from collections.abc import Callable
from contextvars import ContextVar, Token

from heliograph.errors import NoCurrentEventError
from heliograph.events.event import Event

_Answer = Callable[[], Event]

_current: ContextVar[_Answer] = ContextVar("heliograph.current_event")


def current_event() -> Event:
    """Return the event that the durable receiver running here handles.

    Raises:
        NoCurrentEventError: outside a durable receiver that a worker runs.
    """
    try:
        answer = _current.get()
    except LookupError:
        raise NoCurrentEventError(
            "There is no current event: current_event() answers within a receiver with durable=True that a worker "
            "runs. A receiver that is called in process gets all there is as its arguments."
        ) from None
    return answer()


def handling(answer: _Answer) -> Token[_Answer]:
    """Let ``current_event`` return what this returns, in this context, until ``handled`` is given the token."""
    return _current.set(answer)


def handled(token: Token[_Answer]) -> None:
    """End what ``handling`` has begun."""
    _current.reset(token)
