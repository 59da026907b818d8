"""How often a failed delivery is tried again, and after what wait."""

from __future__ import annotations

import random as randomness
from collections.abc import Callable
from dataclasses import dataclass

from heliograph.errors import ReceiverDeclarationError

#: The longest wait between two attempts: a year.
LONGEST_SECONDS = 31_536_000

#: The largest power of two that a float holds.
_LARGEST_EXPONENT = 1023


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryPolicy:
    """Say how often a failing receiver is called for one event, and how long it is left alone in between.

    The waits double from ``base_seconds`` up to ``max_seconds``. By default that is twelve attempts over 17 to 34
    minutes, and no single wait reaches ``max_seconds``.

    Args:
        max_attempts: 1 and more; the event is a dead letter after so many failures.
        base_seconds: the wait after the first failure; 0 tries again at once, always.
        max_seconds: the longest wait, at most a year.
        jitter: draw each wait from its upper half, so that events which failed together come back apart.

    Raises:
        ReceiverDeclarationError: a value is of another type or out of its bounds.

    Source:
        "Equal jitter" of https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/. Not "full
        jitter", which spreads a little better: its waits may be next to nothing, so that all attempts of one event
        could fall into one short outage.
    """

    max_attempts: int = 12
    base_seconds: float = 1.0
    max_seconds: float = 3600
    jitter: bool = True

    def __post_init__(self) -> None:
        if type(self.max_attempts) is not int or self.max_attempts < 1:
            raise _wrong("max_attempts", self.max_attempts, "a whole number from 1; 1 never tries again")
        if not _is_wait(self.base_seconds):
            raise _wrong("base_seconds", self.base_seconds, f"a number of seconds from 0 to {LONGEST_SECONDS}")
        if not _is_wait(self.max_seconds) or self.max_seconds < self.base_seconds:
            allowed = f"a number of seconds from base_seconds ({self.base_seconds!r}) to {LONGEST_SECONDS}"
            raise _wrong("max_seconds", self.max_seconds, allowed)
        if type(self.jitter) is not bool:
            raise _wrong("jitter", self.jitter, "True or False")

    def wait_seconds(self, attempt: int, random: Callable[[], float] = randomness.random) -> float:
        """Return the wait after an attempt that has failed.

        Args:
            attempt: 1 for the first.
            random: returns a number from 0 up to, and without, 1.
        """
        longest = min(self.max_seconds, self.base_seconds * 2.0 ** min(attempt - 1, _LARGEST_EXPONENT))
        return longest / 2 + random() * longest / 2 if self.jitter else longest


def _is_wait(value: object) -> bool:
    return type(value) in (int, float) and 0 <= value <= LONGEST_SECONDS  # type: ignore[operator]


def _wrong(field: str, value: object, allowed: str) -> ReceiverDeclarationError:
    return ReceiverDeclarationError(f"RetryPolicy({field}={value!r}): {field} is {allowed}.")
