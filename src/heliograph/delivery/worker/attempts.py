"""What an attempt has come to, told from the exception that ended it."""

from __future__ import annotations

import traceback
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.db import DatabaseError, InterfaceError, OperationalError

from heliograph.delivery.decisions.answers import Reject, RetryLater
from heliograph.delivery.decisions.verdict import Outcome
from heliograph.delivery.worker.deliveries import Due
from heliograph.log.entries import Entry

#: The end of a traceback is kept up to so many characters.
_TRACEBACK_LENGTH = 4000
_MESSAGE_LENGTH = 2000

#: SQLSTATE of a serialization failure and of a deadlock.
_CONFLICTS = {"40001", "40P01"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """How an attempt has ended that did not succeed.

    Attributes:
        outcome: what it has come to.
        error: the record of what was raised; None where nothing went wrong.
        later_seconds: what the receiver asked for.
    """

    outcome: Outcome
    error: dict[str, Any] | None
    later_seconds: float = 0


class ReceiverError(Exception):
    """What a receiver has raised, whatever it is; ``__cause__`` is the exception itself."""


class BrokenTransactionError(Exception):
    """A receiver has left its transaction in a state in which nothing can be committed."""


class LostError(Exception):
    """The ownership of the partition is lost: nothing may be committed."""


class DisconnectedError(Exception):
    """The session is gone, with an event in hand or without."""

    def __str__(self) -> str:
        return "the database session was lost while the receiver ran"

    def __init__(self, entry: Entry | None = None, due: Due | None = None) -> None:
        super().__init__(entry, due)
        self.entry = entry
        self.due = due


def ending_of(raised: BaseException, worker: str) -> Ending:
    """Return how an attempt has ended in which this was raised, by the receiver or by the database."""
    error = _unwrapped(raised)
    match error:
        case RetryLater():
            return Ending(outcome=Outcome.LATER, error=None, later_seconds=error.seconds)
        case Reject():
            return Ending(outcome=Outcome.REJECTED, error=record(error, worker))
    return Ending(outcome=Outcome.FAILED, error=record(error, worker))


def record(error: BaseException, worker: str) -> dict[str, Any]:
    """Return what is kept of an exception: its type, its message and the end of its traceback, when and where."""
    error = _unwrapped(error)
    kind = type(error)
    try:
        message = str(error)
    except BaseException as unprintable:  # noqa: BLE001 - a receiver's exception may do anything when it is printed
        message = f"(its message cannot be had: {type(unprintable).__name__})"
    return {
        "type": f"{kind.__module__}.{kind.__qualname__}".removeprefix("builtins."),
        "message": _text(message)[:_MESSAGE_LENGTH],
        "traceback": _text("".join(traceback.format_exception(error)))[-_TRACEBACK_LENGTH:],
        "at": datetime.now(UTC).isoformat(timespec="milliseconds"),
        "worker": worker,
    }


def is_conflict(error: BaseException) -> bool:
    """Tell whether the database gave up this transaction in favour of another."""
    error = _unwrapped(error)
    if not isinstance(error, DatabaseError):
        return False
    return getattr(error.__cause__, "sqlstate", None) in _CONFLICTS or "database is locked" in str(error)


def is_lost(connection: Any) -> bool:
    """Tell whether the session that a receiver was given is gone, whatever the receiver has raised or caught."""
    if connection.vendor == "postgresql" and connection.connection is not None and connection.connection.closed:
        return True
    return bool(connection.closed_in_transaction)


def is_disconnected(connection: Any, error: BaseException) -> bool:
    """Tell whether the session that was noted is gone, even if Django has opened another one since."""
    if connection.vendor != "postgresql" or not isinstance(_unwrapped(error), OperationalError | InterfaceError):
        return False
    return bool(connection.noted_session.closed)


def _unwrapped(error: BaseException) -> BaseException:
    return error.__cause__ if isinstance(error, ReceiverError) and error.__cause__ is not None else error


def _text(text: str) -> str:
    # What a database does not take as text.
    return text.replace("\x00", "\N{SYMBOL FOR NULL}").encode("utf-8", "replace").decode()
