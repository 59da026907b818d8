"""What ``OUTSIDE_TRANSACTION`` says of a durable signal that is sent in autocommit."""

from __future__ import annotations

import sys
import warnings
from typing import Any

from heliograph.dispatch.awaiting import Line, awaited_at, line_of, module_of
from heliograph.dispatch.signal import Signal
from heliograph.errors import AutocommitWarning, TransactionError
from heliograph.settings import options

_OURS = ("heliograph", "django", "asgiref", "contextlib")

#: The places that have been told of, and the signals: where only a thread's beginning is seen, all come from one place.
_told: set[tuple[Line, str]] = set()


def mind_autocommit(connection: Any, signal: Any, name: str) -> None:
    """Warn of, or refuse, a signal of the project's own that is sent in autocommit, as the setting says.

    Django's signals, and those of others, are sent by code that the project cannot change.

    Raises:
        TransactionError: the setting is ``"error"``.
    """
    answer = options().OUTSIDE_TRANSACTION
    if answer == "allow" or connection.in_atomic_block or not connection.get_autocommit():
        return
    if not isinstance(signal, Signal):
        return
    message = (
        f"{name} has durable receivers and is sent in autocommit on database {connection.alias!r}: a crash between the "
        "change and the sending loses the event. Do both inside transaction.atomic(), or set "
        'HELIOGRAPH["OUTSIDE_TRANSACTION"] to "allow".'
    )
    if answer == "error":
        raise TransactionError(message)
    line = _users_line()
    if (line, name) not in _told:
        _told.add((line, name))
        warnings.warn_explicit(message, AutocommitWarning, line.filename, line.number, line.module)


def _users_line() -> Line:
    """Return the nearest line that is the project's; that of the outermost frame for none."""
    frame = sys._getframe(1)
    while (package := module_of(frame).partition(".")[0]) in _OURS and frame.f_back is not None:
        if package == "asgiref" and (line := awaited_at.get()) is not None:
            return line
        frame = frame.f_back
    return line_of(frame)
