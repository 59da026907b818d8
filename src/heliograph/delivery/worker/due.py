"""Running deliveries whose time has come, between pages."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import Error

from heliograph.delivery.decisions.states import State
from heliograph.delivery.decisions.verdict import MAX_CONFLICTS, after_attempt
from heliograph.delivery.worker.attempts import (
    DisconnectedError,
    Ending,
    ReceiverError,
    ending_of,
    is_conflict,
    is_disconnected,
)
from heliograph.delivery.worker.deliveries import Deliveries, Due
from heliograph.delivery.worker.hands import Hands
from heliograph.delivery.worker.partition import Owned
from heliograph.delivery.worker.prepared import Prepared
from heliograph.delivery.worker.reading import Reading
from heliograph.delivery.worker.work import call, together
from heliograph.log.entries import Entry

#: So many are run before the next page has its turn.
_AT_ONCE = 20


class DueDeliveries:
    """Runs due deliveries of one partition: the claim commits the attempt, then the receiver's work and the end of
    the delivery are one transaction."""

    def __init__(self, reading: Reading, owned: Owned, deliveries: Deliveries) -> None:
        self._reading = reading
        self._owned = owned
        self._deliveries = deliveries
        self._options = reading.receiver.options

    def run(self, hands: Hands) -> bool:
        """Run what is due, and tell whether there may be more.

        Raises:
            LostError: the ownership is lost.
            DisconnectedError: the session is lost, with the event that was in hand.
        """
        found = self._deliveries.due(hands.own, _AT_ONCE)
        if not found:
            return False
        entries = {entry.number: entry for entry in hands.log.entries({due.event: due.position for due in found})}
        for due in found:
            if hands.stop.is_set():
                return True
            began = time.monotonic()
            self._run(hands, due, entries.get(due.event))
            hands.leave_the_lock_to_others(time.monotonic() - began)
        return True

    def _run(self, hands: Hands, due: Due, entry: Entry | None) -> None:
        with self._fenced(hands):
            if not self._deliveries.claim(hands.work, due):
                return
        due = due._replace(attempts=due.attempts + 1)
        ending = self._attempt(hands, due, entry)
        if ending is None:
            return
        verdict = after_attempt(
            ending.outcome,
            state=State.RUNNING,
            policy=self._options.retry,
            attempts=due.attempts,
            kills=due.kills,
            later_seconds=ending.later_seconds,
        )
        with self._fenced(hands):
            self._deliveries.settle(hands.work, due, verdict, ending.error)

    @contextmanager
    def _fenced(self, hands: Hands) -> Iterator[None]:
        """Make one transaction of the block, under the epoch."""
        try:
            with together(hands):
                self._owned.fence(hands.work)
                yield
        except Error as error:
            self._leave_if_gone(hands, error)
            raise

    def _attempt(self, hands: Hands, due: Due, entry: Entry | None) -> Ending | None:
        """Make an attempt, again after conflicts; return how it ended, None if it succeeded or was revoked."""
        conflicts = 0
        while True:
            try:
                self._deliver(hands, due, entry)
            except _RevokedError:
                return None
            except (ReceiverError, GoneError, Error) as error:
                self._leave_if_gone(hands, error)
                conflicts += 1
                if not is_conflict(error) or conflicts > MAX_CONFLICTS:
                    return ending_of(error, hands.worker)
            else:
                return None

    def _deliver(self, hands: Hands, due: Due, entry: Entry | None) -> None:
        if entry is None:
            raise GoneError("the event is not in the log any more")
        if not self._options.atomic:
            self._call(hands, entry, due)
        with together(hands):
            if self._options.atomic:
                self._call(hands, entry, due)
            self._owned.fence(hands.work)
            if not self._deliveries.finish(hands.work, due):
                raise _RevokedError

    def _call(self, hands: Hands, entry: Entry, due: Due) -> None:
        try:
            call(hands, Prepared(self._reading, entry), due)
        except ReceiverError as error:
            if is_disconnected(hands.work, error):
                raise DisconnectedError(entry, due) from error
            raise

    def _leave_if_gone(self, hands: Hands, error: BaseException) -> None:
        if is_disconnected(hands.work, error):
            raise DisconnectedError from error


class GoneError(Exception):
    """An event that a delivery refers to is not there."""


class _RevokedError(Exception):
    """An operator has taken the delivery away while it ran: its work is rolled back."""
