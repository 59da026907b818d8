"""Running the events of a page, and moving the position behind them."""

from __future__ import annotations

import time
from collections.abc import Sequence

from django.db import Error

from heliograph.delivery.states import Happening, State, move
from heliograph.delivery.verdict import MAX_CONFLICTS, Verdict, after_attempt
from heliograph.delivery.worker.attempts import (
    DisconnectedError,
    Ending,
    ReceiverError,
    ending_of,
    is_conflict,
    is_disconnected,
)
from heliograph.delivery.worker.deliveries import Deliveries, Trouble
from heliograph.delivery.worker.hands import Hands
from heliograph.delivery.worker.partition import Owned
from heliograph.delivery.worker.reading import Reading
from heliograph.delivery.worker.savepoints import Savepoints
from heliograph.delivery.worker.work import call, together
from heliograph.log.entries import Entry

#: So long receivers share a transaction; SQLite's one lock is left to others earlier.
SHARED_SECONDS = {"postgresql": 0.025, "sqlite": 0.005}

#: How much the last event counts in the pace of a receiver.
_LATEST = 0.2


class Pages:
    """Runs events for one partition, each way of it ending in one fenced move of the position.

    Shared: events share a transaction for a short time, each behind a savepoint. Whole: a batch without savepoints,
    which is redone shared if anything goes wrong. Alone: a transaction for each event, where the receiver is slow or
    asks for it, or a COMMIT has failed. Marked: alone, with a mark committed first, after a crash. Outside: the
    receiver runs in no transaction.

    Attributes:
        marked: so many events are still run behind a mark.
    """

    def __init__(self, reading: Reading, owned: Owned, deliveries: Deliveries) -> None:
        self._reading = reading
        self._owned = owned
        self._deliveries = deliveries
        self._options = reading.receiver.options
        self._pace_seconds = 0.0
        self._alone = 0
        self._shared = 0
        self._conflicts = 0
        self.marked = 0

    def run(self, hands: Hands, entries: Sequence[Entry]) -> int:
        """Run events in order, until they end or the worker stops; return how many are behind the position now.

        Raises:
            LostError: the ownership is lost; nothing was committed since.
            DisconnectedError: the session is lost, with the event that was in hand.
        """
        done = 0
        trouble = None
        while done < len(entries) and not hands.stop.is_set():
            if trouble is None:
                trouble = self._deliveries.trouble(hands.own, entries[done:])
            began = time.monotonic()
            count = self._some(hands, entries[done:], trouble)
            if not count:
                trouble = None  # what was noted in it has been rolled back
            elif done + count < len(entries):
                hands.leave_the_lock_to_others(time.monotonic() - began)
            done += count
        return done

    def _some(self, hands: Hands, entries: Sequence[Entry], trouble: Trouble) -> int:
        """Run some of the events, at least one; return 0 when all was rolled back, to be redone another way."""
        shared_seconds = SHARED_SECONDS[hands.work.vendor]
        try:
            if not self._options.atomic:
                count = self._run_outside(hands, entries[0], trouble)
            elif self.marked or self._alone or self._options.batch == 1 or self._pace_seconds > shared_seconds:
                count = self._run_alone(hands, entries[0], trouble)
            elif self._options.batch and not self._shared:
                count = self._run_whole(hands, entries[: self._options.batch], trouble)
            else:
                # A batch that is redone is followed by a batch.
                some = entries[: self._shared] if self._shared else entries
                count = self._run_shared(hands, some, trouble, shared_seconds)
        except _RedoError as redo:
            self._owned.forget_place()
            self._shared, self._alone, self._conflicts = redo.shared, redo.alone, redo.conflicts
            return 0
        self._conflicts = 0
        self._shared, self._alone, self.marked = (
            max(0, left - count) for left in (self._shared, self._alone, self.marked)
        )
        self._owned.position = entries[count - 1].position
        return count

    def _run_shared(self, hands: Hands, entries: Sequence[Entry], trouble: Trouble, seconds: float) -> int:
        until = time.monotonic() + seconds
        done = 0
        settled = False
        try:
            with together(hands):
                with Savepoints(hands.work) as savepoints:
                    for entry in entries:
                        if self._stands_aside(hands, entry, trouble):
                            savepoints.keep()  # else the next event's failure would undo what has been written
                        else:
                            try:
                                self._call(hands, entry)
                                savepoints.keep()
                            except (ReceiverError, Error) as error:
                                self._leave_if_hopeless(hands, error, entry, done + 1)
                                savepoints.undo()
                                self._add(hands, entry, ending_of(error, hands.worker), trouble)
                                savepoints.keep()
                        done += 1
                        if time.monotonic() > until or hands.stop.is_set():
                            break
                self._owned.move(hands.work, entries[done - 1].position)
                settled = True
        except Error as error:
            if is_disconnected(hands.work, error):
                self._alone = done  # should it happen again, it can be told whose doing it is
                raise DisconnectedError from error
            if not settled and not is_conflict(error):
                raise
            # At COMMIT it cannot be told whose error it is.
            raise self._redo(error, alone=done) from error
        return done

    def _run_whole(self, hands: Hands, entries: Sequence[Entry], trouble: Trouble) -> int:
        done = 0
        try:
            with together(hands):
                for entry in entries:
                    if not self._stands_aside(hands, entry, trouble):
                        self._call(hands, entry)
                    done += 1
                    if hands.stop.is_set():
                        break
                self._owned.move(hands.work, entries[done - 1].position)
        except (ReceiverError, Error) as error:
            if is_disconnected(hands.work, error):
                self._alone = done
                raise DisconnectedError from error
            if is_conflict(error):
                raise self._redo(error, alone=min(done + 1, len(entries))) from error
            raise _RedoError(shared=len(entries)) from error
        return done

    def _run_alone(self, hands: Hands, entry: Entry, trouble: Trouble) -> int:
        self._mark(hands, entry, trouble)
        called = False
        try:
            with together(hands):
                if not self._stands_aside(hands, entry, trouble):
                    called = True
                    self._call(hands, entry)
                self._owned.move(hands.work, entry.position)
        except (ReceiverError, Error) as error:
            if is_disconnected(hands.work, error):
                raise DisconnectedError(entry if called else None) from error
            if is_conflict(error) and self._conflicts < MAX_CONFLICTS:
                raise _RedoError(alone=max(1, self._alone), conflicts=self._conflicts + 1) from error
            self._owned.forget_place()
            self._acknowledge_failure(hands, entry, ending_of(error, hands.worker), trouble)
        return 1

    def _run_outside(self, hands: Hands, entry: Entry, trouble: Trouble) -> int:
        self._mark(hands, entry, trouble)
        called = False
        try:
            if self._is_in_trouble(entry, trouble):
                with together(hands):
                    self._stands_aside(hands, entry, trouble)
                    self._owned.move(hands.work, entry.position)
                return 1
            called = True
            self._call(hands, entry)
        except (ReceiverError, Error) as error:
            if is_disconnected(hands.work, error):
                raise DisconnectedError(entry if called else None) from error
            if is_conflict(error) and self._conflicts < MAX_CONFLICTS:
                raise _RedoError(conflicts=self._conflicts + 1) from error
            self._acknowledge_failure(hands, entry, ending_of(error, hands.worker), trouble)
        else:
            try:
                self._owned.move(hands.work, entry.position)
            except Error as error:
                if is_disconnected(hands.work, error):
                    raise DisconnectedError(entry) from error
                raise
        return 1

    def _call(self, hands: Hands, entry: Entry) -> None:
        began = time.monotonic()
        call(hands, self._reading, entry)
        self._pace_seconds += _LATEST * (time.monotonic() - began - self._pace_seconds)

    def _is_in_trouble(self, entry: Entry, trouble: Trouble) -> bool:
        return trouble.has(entry) or trouble.holds(entry)

    def _mark(self, hands: Hands, entry: Entry, trouble: Trouble) -> None:
        """Mark an event that is about to be run, after a crash. One that stands aside could get ahead of its key."""
        if self.marked and not self._is_in_trouble(entry, trouble):
            self._owned.mark(hands.own, entry.position)

    def _stands_aside(self, hands: Hands, entry: Entry, trouble: Trouble) -> bool:
        """Tell whether an event is dealt with elsewhere: it has a delivery, or is held behind one, which is written."""
        if trouble.has(entry):
            return True
        if not trouble.holds(entry):
            return False
        verdict = _held()
        self._deliveries.add(hands.work, entry, verdict, None)
        trouble.add(entry, verdict.state)
        return True

    def _acknowledge_failure(self, hands: Hands, entry: Entry, ending: Ending, trouble: Trouble) -> None:
        try:
            with together(hands):
                self._add(hands, entry, ending, trouble)
                self._owned.move(hands.work, entry.position)
        except Error as error:
            if is_disconnected(hands.work, error):
                raise DisconnectedError from error
            raise

    def _add(self, hands: Hands, entry: Entry, ending: Ending, trouble: Trouble) -> None:
        verdict = after_attempt(
            ending.outcome, state=State.SMOOTH, policy=self._options.retry, later_seconds=ending.later_seconds
        )
        self._deliveries.add(hands.work, entry, verdict, ending.error)
        trouble.add(entry, verdict.state)

    def _leave_if_hopeless(self, hands: Hands, error: BaseException, entry: Entry, count: int) -> None:
        """Leave a shared transaction that has nothing to go on with."""
        if is_disconnected(hands.work, error):
            raise DisconnectedError(entry) from error
        if is_conflict(error):
            raise self._redo(error, alone=count) from error

    def _redo(self, error: BaseException, *, alone: int) -> _RedoError:
        if not is_conflict(error):
            return _RedoError(alone=alone)
        conflicts = self._conflicts + 1
        if conflicts < MAX_CONFLICTS:
            return _RedoError(shared=self._shared, conflicts=conflicts)
        return _RedoError(alone=alone, conflicts=conflicts)


def _held() -> Verdict:
    happening = Happening.KEY_TROUBLED
    return Verdict(happening=happening, state=move(State.SMOOTH, happening), attempts=0, kills=0, wait_seconds=0.0)


class _RedoError(Exception):
    """All since the last commit was rolled back, to be done again: so many events alone, or shared."""

    def __init__(self, *, alone: int = 0, shared: int = 0, conflicts: int = 0) -> None:
        super().__init__()
        self.alone = alone
        self.shared = shared
        self.conflicts = conflicts
