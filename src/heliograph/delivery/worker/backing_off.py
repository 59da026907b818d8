"""Waiting longer after each failure in a row, so that a server that is down is asked rarely."""

from __future__ import annotations

import random
import threading

_FIRST_SECONDS = 0.1
_LONGEST_SECONDS = 5.0


class BackOff:
    """The waits of one thread between failures in a row."""

    def __init__(self, stop: threading.Event) -> None:
        self._stop = stop
        self._failures = 0

    def wait_seconds(self) -> float:
        """Return the next wait, which is a little different from thread to thread."""
        longest = min(_LONGEST_SECONDS, _FIRST_SECONDS * 2.0 ** min(self._failures, 16))
        self._failures += 1
        return longest * (0.5 + random.random() / 2)

    def wait(self, seconds: float) -> None:
        """Wait, unless the worker is to stop."""
        self._stop.wait(seconds)

    def reset(self) -> None:
        """Begin anew: something has succeeded."""
        self._failures = 0
