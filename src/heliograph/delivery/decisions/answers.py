"""What a durable receiver may answer, besides returning (done) and raising (a failed attempt).

An answer is raised, as Django's ``Http404`` is, and like it is no error: nothing has gone wrong with Heliograph. So
the answers stand here and not among ``heliograph.errors``, and whoever catches ``HeliographError`` lets them pass.
"""

from __future__ import annotations

from heliograph.delivery.decisions.retry import LONGEST_SECONDS


class Answer(Exception):  # noqa: N818 - no error
    """One of a closed set: ``RetryLater``, ``Reject``."""


class RetryLater(Answer):
    """Ask for the same event again, without spending an attempt: what the receiver needs is not there yet.

    Attributes:
        seconds: how long to wait, at most a year. The key of the event waits with it.

    Raises:
        ValueError: something else is asked for; in a receiver, that is a failed attempt.
    """

    __module__ = "heliograph"  # under the name that it is imported by

    def __init__(self, seconds: float) -> None:
        if isinstance(seconds, bool) or not isinstance(seconds, int | float) or not 0 <= seconds <= LONGEST_SECONDS:
            raise ValueError(f"RetryLater takes a number of seconds from 0 to {LONGEST_SECONDS}, not {seconds!r}.")
        super().__init__(seconds)
        self.seconds = seconds

    def __str__(self) -> str:
        return f"asked for again in {self.seconds} s"


class Reject(Answer):
    """Make the event a dead letter at once: no later attempt could succeed.

    Attributes:
        reason: for the people who look at the dead letter.

    Raises:
        ValueError: there is no reason; in a receiver, that is a failed attempt.
    """

    __module__ = "heliograph"  # under the name that it is imported by

    def __init__(self, reason: str) -> None:
        if not isinstance(reason, str) or not reason.strip():
            raise ValueError(f"Reject takes a reason in words, not {reason!r}.")
        super().__init__(reason)
        self.reason = reason
