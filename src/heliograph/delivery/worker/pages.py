"""Running the events of a page, and moving the position behind them."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from functools import partial
from uuid import UUID

from django.db import Error

from heliograph.delivery.decisions.states import Happening, State, move
from heliograph.delivery.decisions.verdict import Verdict, after_attempt
from heliograph.delivery.worker.ahead import Ahead
from heliograph.delivery.worker.attempts import (
    DisconnectedError,
    Ending,
    ReceiverError,
    ending_of,
    is_conflict,
    is_disconnected,
)
from heliograph.delivery.worker.course import Course, RedoError
from heliograph.delivery.worker.deliveries import Deliveries, Trouble
from heliograph.delivery.worker.hands import Hands
from heliograph.delivery.worker.partition import Owned
from heliograph.delivery.worker.reading import Reading
from heliograph.delivery.worker.savepoints import Savepoints
from heliograph.delivery.worker.work import call, together
from heliograph.log.entries import Entry

#: So long receivers share a transaction; SQLite's one lock is left to others earlier.
SHARED_SECONDS = {"postgresql": 0.025, "sqlite": 0.005}

#: After so long a turn ends, so that the other partitions of its thread have theirs.
TURN_SECONDS = 1.0


class Pages:
    """Runs events for one partition, each way of it ending in one fenced move of the position.

    Shared: events share a transaction for a short time, each behind a savepoint. Whole: a batch without savepoints,
    which is redone shared if anything goes wrong. Alone: a transaction for each event, where the receiver is slow or
    asks for it, or a COMMIT has failed. Marked: alone, with a mark committed first, after a crash. Outside: the
    receiver runs in no transaction.

    Attributes:
        course: which way the next events go.
        endings: of attempts that were undone with all that shared their transaction, by place: each is written
            in its event's turn. Should this process die before that, one death is not counted.
    """

    def __init__(self, reading: Reading, owned: Owned, deliveries: Deliveries) -> None:
        self._owned = owned
        self._deliveries = deliveries
        self._options = reading.receiver.options
        self.course = Course()
        self.endings: dict[tuple[int, UUID], Ending] = {}
        self._ahead = Ahead(reading)

    def run(self, hands: Hands, entries: Sequence[Entry], read_on: Callable[[], Sequence[Entry]]) -> int:
        """Run events in order, until they end, the turn does or the worker stops; return how many the position passed.

        Args:
            read_on: returns what follows the last of them, without the receivers' session, while that commits.

        Raises:
            LostError: the ownership is lost; nothing was committed since.
            DisconnectedError: the session is lost, with the event that was in hand.
        """
        hands.raise_if_cut()
        self._ahead.read_on = read_on
        done = 0
        trouble = None
        until = time.monotonic() + TURN_SECONDS
        while done < len(entries) and not hands.stop.is_set() and (not done or time.monotonic() < until):
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
            elif self._options.batch == 1 or len(entries) == 1 or self.course.is_alone(entries[0], shared_seconds):
                count = self._run_alone(hands, entries[0], trouble, is_only=len(entries) == 1)
            elif self._options.batch and entries[0].position > self.course.shared_up_to:
                count = self._run_whole(hands, entries, trouble)
            else:
                # A batch that is redone is followed by a batch.
                end = self.course.shared_up_to
                some = [each for each in entries if not self._options.batch or each.position <= end]
                count = self._run_shared(hands, some, trouble, shared_seconds)
        except RedoError as redo:
            self._owned.forget_place()
            self.course.follow(redo)
            return 0
        self.course.went_on(count)
        self._owned.position = entries[count - 1].position
        if self.endings:
            self.endings = {at: ending for at, ending in self.endings.items() if at[0] > self._owned.position}
        return count

    def _run_shared(self, hands: Hands, entries: Sequence[Entry], trouble: Trouble, seconds: float) -> int:
        until = time.monotonic() + seconds
        done = 0
        settled = False
        try:
            with together(hands):
                with Savepoints(hands) as savepoints:
                    for entry in entries:
                        following = entries[done + 1 : done + 2]
                        self._run_one_of_them(hands, entry, trouble, savepoints, following)
                        done += 1
                        if time.monotonic() > until or hands.stop.is_set():
                            break
                settled = True
                hands.acknowledge(
                    self._owned, entries[done - 1].position, partial(self._ahead.prepare_following, entries[done:])
                )
        except Error as error:
            if is_disconnected(hands.work, error):
                # Should it happen again, it can be told whose doing it is.
                self.course.alone_up_to = _last(entries, done).position
                raise DisconnectedError from error
            if not settled and not is_conflict(error):
                raise
            # Of the COMMIT it cannot be told whose error it is.
            raise self.course.redo(error, _last(entries, done)) from error
        return done

    def _run_one_of_them(
        self, hands: Hands, entry: Entry, trouble: Trouble, savepoints: Savepoints, following: Sequence[Entry]
    ) -> None:
        if self._stands_aside(hands, entry, trouble):
            savepoints.keep()  # else the next event's failure would undo what has been written
            return
        try:
            self._call(hands, entry)
            with hands.holding(entry):
                savepoints.keep(partial(self._ahead.prepare, following))
        except (ReceiverError, Error) as error:
            self._leave_if_hopeless(hands, error, entry)
            savepoints.undo()
            self._add(hands, entry, ending_of(error, hands.worker), trouble)
            savepoints.keep()

    def _run_whole(self, hands: Hands, entries: Sequence[Entry], trouble: Trouble) -> int:
        entries, following = entries[: self._options.batch], entries[self._options.batch :]
        done = 0
        try:
            with together(hands, partial(self._ahead.prepare, entries)):
                for entry in entries:
                    if not self._stands_aside(hands, entry, trouble):
                        self._call(hands, entry)
                    done += 1
                    if hands.stop.is_set():
                        break
                hands.acknowledge(
                    self._owned, entries[done - 1].position, partial(self._ahead.prepare_following, following)
                )
        except (ReceiverError, Error) as error:
            if is_disconnected(hands.work, error):
                self.course.alone_up_to = _last(entries, done).position
                raise DisconnectedError from error
            if is_conflict(error):
                raise self.course.redo(error, entries[min(done, len(entries) - 1)]) from error
            raise RedoError(shared_up_to=entries[-1].position) from error
        return done

    def _run_alone(self, hands: Hands, entry: Entry, trouble: Trouble, *, is_only: bool) -> int:
        self._mark(hands, entry, trouble)
        called = False
        # The receiver of an only event does not wait for the BEGIN, which goes before its first statement then.
        meanwhile = None if is_only else partial(self._ahead.prepare, [entry])
        try:
            with together(hands, meanwhile):
                if not self._stands_aside(hands, entry, trouble):
                    called = True
                    self._call(hands, entry)
                hands.acknowledge(self._owned, entry.position)
        except (ReceiverError, Error) as error:
            if is_disconnected(hands.work, error):
                raise DisconnectedError(entry if called else None) from error
            if self.course.may_try_again(error):
                alone_up_to = max(self.course.alone_up_to, entry.position)
                raise RedoError(alone_up_to=alone_up_to, conflicts=self.course.conflicts + 1) from error
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
                    hands.acknowledge(self._owned, entry.position)
                return 1
            called = True
            self._call(hands, entry)
        except (ReceiverError, Error) as error:
            if is_disconnected(hands.work, error):
                raise DisconnectedError(entry if called else None) from error
            if self.course.may_try_again(error):
                raise RedoError(conflicts=self.course.conflicts + 1) from error
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
        call(hands, self._ahead.take(entry))
        self.course.took(time.monotonic() - began)

    def _is_in_trouble(self, entry: Entry, trouble: Trouble) -> bool:
        return entry.place in self.endings or trouble.holds(entry)

    def _mark(self, hands: Hands, entry: Entry, trouble: Trouble) -> None:
        """Mark an event that is about to be run, after a crash. One that stands aside could get ahead of its key."""
        if self.course.marked and not self._is_in_trouble(entry, trouble):
            self._owned.mark(hands.own, entry.position)

    def _stands_aside(self, hands: Hands, entry: Entry, trouble: Trouble) -> bool:
        """Tell whether an event is not run now, and write why: it is held, or its attempt has ended before."""
        if trouble.holds(entry):
            verdict = _held()
            self._deliveries.add(hands.work, entry, verdict, None)
            trouble.add(entry, verdict.state)
        elif self.endings and (ending := self.endings.get(entry.place)):
            self._add(hands, entry, ending, trouble)
        else:
            return False
        return True

    def _acknowledge_failure(self, hands: Hands, entry: Entry, ending: Ending, trouble: Trouble) -> None:
        try:
            with together(hands):
                self._add(hands, entry, ending, trouble)
                hands.acknowledge(self._owned, entry.position)
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

    def _leave_if_hopeless(self, hands: Hands, error: BaseException, entry: Entry) -> None:
        """Leave a shared transaction that has nothing to go on with."""
        if is_disconnected(hands.work, error):
            raise DisconnectedError(entry) from error
        if is_conflict(error):
            raise self.course.redo(error, entry) from error


def _last(entries: Sequence[Entry], done: int) -> Entry:
    """Return the last event that was begun; the first where it did not come to that."""
    return entries[max(done, 1) - 1]


def _held() -> Verdict:
    happening = Happening.KEY_TROUBLED
    return Verdict(happening=happening, state=move(State.SMOOTH, happening), attempts=0, kills=0, wait_seconds=0.0)
