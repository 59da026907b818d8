"""What ``OUTSIDE_TRANSACTION`` says of a durable signal that is sent in autocommit."""

from __future__ import annotations

import sys
import warnings
from types import FrameType
from typing import Any

from heliograph.dispatch.signal import Signal
from heliograph.errors import AutocommitWarning, TransactionError
from heliograph.settings import options

_OURS = ("heliograph", "django", "asgiref", "contextlib")

#: The places that have been told of.
_told: set[tuple[str, int]] = set()


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
    level, frame = _users_frame()
    place = (frame.f_code.co_filename, frame.f_lineno)
    if place not in _told:
        _told.add(place)
        warnings.warn(message, AutocommitWarning, stacklevel=level)


def _users_frame() -> tuple[int, FrameType]:
    """Return the nearest frame that is the project's, and its level as seen by the caller; the outermost for none."""
    level, frame = 1, sys._getframe(1)
    while frame.f_globals.get("__name__", "").partition(".")[0] in _OURS and frame.f_back is not None:
        level, frame = level + 1, frame.f_back
    return level, frame
