"""The deliveries of one share of a subscription: the rows of what is in trouble."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from heliograph.delivery.decisions.spread import spread_of
from heliograph.delivery.decisions.states import STORED, State, holds_key
from heliograph.delivery.decisions.verdict import Outcome, Verdict, after_attempt
from heliograph.delivery.sql.dialect import statements
from heliograph.delivery.worker.reading import Reading
from heliograph.delivery.worker.telling import tell
from heliograph.log.entries import Entry, Share
from heliograph.log.execute import many, moved, rows


class Due(NamedTuple):
    """A delivery whose time has come, or that somebody has claimed."""

    id: int
    event: int
    position: int
    key: str | None
    attempts: int
    kills: int
    errors: str


class Trouble:
    """Which keys wait for the end of a delivery, as far as some events go.

    Args:
        keys: those that are held already.
    """

    def __init__(self, ordering: str, keys: Iterable[str] = ()) -> None:
        self._ordering = ordering
        self._keys = set(keys)

    def holds(self, entry: Entry) -> bool:
        """Tell whether an event has to wait for an earlier one of its key."""
        return entry.key in self._keys

    def add(self, entry: Entry, state: State) -> None:
        """Take note of a delivery that has been added."""
        if entry.key is not None and holds_key(state, self._ordering):
            self._keys.add(entry.key)


class Deliveries:
    """The deliveries of one share of a subscription, in a session's open transaction."""

    def __init__(self, reading: Reading, share: Share) -> None:
        self._reading = reading
        self._share = share
        self._ordering = reading.receiver.options.ordering

    def trouble(self, connection: Any, entries: Sequence[Entry]) -> Trouble:
        """Return what stands in the way of events."""
        keys = {entry.key for entry in entries if entry.key is not None}
        holding = [state for state in STORED if holds_key(state, self._ordering)]
        if not keys or not holding:
            return Trouble(self._ordering)
        given = {
            "subscription": self._reading.subscription,
            "keys": many(connection, sorted(keys)),
            "holding": many(connection, holding),
        }
        held = rows(connection, statements(connection).TROUBLE, given)
        return Trouble(self._ordering, (key for (key,) in held))

    def add(self, connection: Any, entry: Entry, verdict: Verdict, error: dict[str, Any] | None) -> None:
        """Write what has become of an event that was not delivered smoothly."""
        spread = spread_of(entry.key, entry.position, self._ordering)
        given = [
            *(self._reading.subscription, entry.number, entry.position, entry.key, spread, verdict.state.value),
            *(verdict.attempts, verdict.kills, verdict.wait_seconds or 0.0, json.dumps([error] if error else [])),
        ]
        moved(connection, statements(connection).ADD, given)
        tell(self._reading, entry.position, verdict, error)

    def due(self, connection: Any, limit: int) -> list[Due]:
        """Return those whose time has come, by position."""
        given = [self._reading.subscription, self._share.count, self._share.number, limit]
        return [Due._make(row) for row in rows(connection, statements(connection).DUE, given)]

    def claimed(self, connection: Any) -> list[Due]:
        """Return those that an owner had claimed."""
        given = [self._reading.subscription, self._share.count, self._share.number]
        return [Due._make(row) for row in rows(connection, statements(connection).CLAIMED, given)]

    def claim(self, connection: Any, due: Due) -> bool:
        """Claim a delivery, and tell whether it was still there to be claimed."""
        return moved(connection, statements(connection).CLAIM, [due.id]) > 0

    def finish(self, connection: Any, due: Due) -> bool:
        """End a claimed delivery and let its key go on; tell whether it was still claimed."""
        if not moved(connection, statements(connection).FINISH, [due.id]):
            return False
        self.release(connection, due.key)
        return True

    def settle(self, connection: Any, due: Due, verdict: Verdict, error: dict[str, Any] | None) -> bool:
        """Write what has become of a claimed delivery that is not done; tell whether it was still claimed."""
        errors = json.dumps([*_errors(due.errors), *([error] if error else [])])
        given = [verdict.state.value, verdict.attempts, verdict.kills, verdict.wait_seconds or 0.0, errors, due.id]
        if not moved(connection, statements(connection).SETTLE, given):
            return False
        if not holds_key(verdict.state, self._ordering):
            self.release(connection, due.key)
        tell(self._reading, due.position, verdict, error)
        return True

    def end_claim(self, connection: Any, due: Due, outcome: Outcome, error: dict[str, Any] | None) -> None:
        """Write what has become of a claimed delivery whose attempt was cut off."""
        policy = self._reading.receiver.options.retry
        verdict = after_attempt(outcome, state=State.RUNNING, policy=policy, attempts=due.attempts, kills=due.kills)
        self.settle(connection, due, verdict, error if outcome is Outcome.CRASHED else None)

    def release(self, connection: Any, key: str | None) -> None:
        """Let the next held delivery of a key go on, if nothing before it is open."""
        if key is None:
            return
        open_states = [state for state in STORED if state is not State.HELD and holds_key(state, self._ordering)]
        given = {"subscription": self._reading.subscription, "key": key, "open": many(connection, open_states)}
        moved(connection, statements(connection).RELEASE, given)


def _errors(written: str) -> list[Any]:
    """Return the errors of a row; none if somebody has broken them."""
    try:
        read = json.loads(written)
    except ValueError:
        return []
    return read if isinstance(read, list) else []
