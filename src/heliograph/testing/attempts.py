"""What is seen of attempts while receivers run: of several at one event, the last one counts."""

from __future__ import annotations

from dataclasses import dataclass

from heliograph.delivery.decisions.answers import RetryLater
from heliograph.delivery.worker.attempts import ReceiverError
from heliograph.delivery.worker.reading import Reading
from heliograph.log.entries import Entry

#: A receiver that asks more often for the same event would do so without end.
_MOST_LATER = 100


@dataclass(slots=True, kw_only=True)
class Attempt:
    """The last attempt at one event for one receiver.

    Attributes:
        heard: whether the receiver was called and has returned.
        error: what has gone wrong.
        later: how many times the receiver has asked for the event later.
    """

    reading: Reading
    entry: Entry
    heard: bool = False
    error: BaseException | None = None
    later: int = 0


class Attempts:
    """All attempts of one ``deliver()``.

    Attributes:
        of_hooks: what hooks of ``on_commit()`` have raised that receivers had left, with the receiver's name.
    """

    def __init__(self) -> None:
        self._by_event: dict[tuple[int, int], Attempt] = {}
        self._current: Attempt | None = None
        self.of_hooks: list[tuple[str, Exception]] = []

    def begin(self, reading: Reading, entry: Entry) -> Attempt:
        """Begin an attempt, in place of an earlier one."""
        attempt = self._by_event.setdefault(
            (reading.subscription, entry.position), Attempt(reading=reading, entry=entry)
        )
        attempt.heard, attempt.error = False, None
        self._current = attempt
        return attempt

    def fail(self, error: BaseException, entry: Entry) -> None:
        """Take note of what has ended the attempt at an event, for the receiver that ran last.

        Raises:
            BaseException: it was raised to end the test, not by what the receiver does.
            RuntimeError: the receiver asks for the event again without end.
        """
        attempt = self._current and self._by_event.get((self._current.reading.subscription, entry.position))
        if not attempt:
            return
        cause = error.__cause__ if isinstance(error, ReceiverError) and error.__cause__ is not None else error
        if not isinstance(cause, Exception | SystemExit):
            raise cause
        attempt.error = cause
        attempt.later += isinstance(cause, RetryLater)
        if attempt.later > _MOST_LATER:
            raise RuntimeError(
                f"{attempt.reading.name} has asked for the event {entry.uuid} again {attempt.later} times, each "
                "time at once: RetryLater(0) goes on without end. Let it wait: RetryLater(60)."
            )

    def fail_hook(self, error: Exception) -> None:
        """Take note of what a hook has raised, for the receiver that ran last."""
        if self._current is not None:
            self.of_hooks.append((self._current.reading.name, error))

    def all(self) -> list[Attempt]:
        """Return the last attempt at each event, in the order of the first ones; without those that nobody heard."""
        return [each for each in self._by_event.values() if each.heard or each.error is not None]
