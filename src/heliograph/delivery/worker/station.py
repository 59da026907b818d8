"""A worker's station at one database: who owns what, what is new, and whose turn it is."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Collection
from contextlib import ExitStack
from typing import Any

from django.db import Error, connections

from heliograph.delivery.operate.pruning import Pruner
from heliograph.delivery.recording.wake import CLOSE_SECONDS, woken
from heliograph.delivery.registration.register import register
from heliograph.delivery.session.own import open_session
from heliograph.delivery.worker import membership
from heliograph.delivery.worker.backing_off import BackOff
from heliograph.delivery.worker.draining import due_subscriptions, nothing_is_left
from heliograph.delivery.worker.hands import Hands
from heliograph.delivery.worker.hung import LockBreaker, end_hung
from heliograph.delivery.worker.ownership import Ownership, look_seconds
from heliograph.delivery.worker.reading import Reading
from heliograph.delivery.worker.runner import Runner, Turns
from heliograph.log.entries import News
from heliograph.log.log import log_of
from heliograph.log.steps import news
from heliograph.settings import options

logger = logging.getLogger("heliograph.worker")

#: After news, the next is looked for so often, at least for the time that senders count on.
_CLOSELY_SECONDS = 0.002

#: Whether a drain is at its end is looked for so often while receivers are at work.
_DRAINING_SECONDS = 0.020

#: Whether deliveries are due is asked so often at most, and so often at least.
_DUE_SECONDS = 0.020
_DUE_AT_LEAST_SECONDS = 0.5

#: The sequencer's lock is tried for so long before other things have their turn.
_STEPS_SECONDS = 0.020

#: Events that nobody needs any more are deleted so often, in so many portions.
_PRUNE_SECONDS = 60.0
_PRUNE_BATCHES = 20

#: While events in hand are finished, what has hung is looked for so often.
_JOIN_SECONDS = 0.1


class Station(threading.Thread):
    """Runs the durable receivers of one database until it is told to stop, or has nothing left to do.

    Args:
        only: names of receivers to which to keep; empty for all.
        threads: how many partitions have their turn at once.
        drain: stop when nothing is owed and due.
        hands: makes what each thread works with.
    """

    def __init__(
        self,
        alias: str,
        *,
        threads: int,
        only: Collection[str],
        drain: bool = False,
        hands: Callable[[str, str, threading.Event], Hands] = Hands,
    ) -> None:
        super().__init__(name=f"heliograph station {alias}", daemon=True)
        self.alias = alias
        self._hands = hands
        self._threads = threads
        self._drain = drain
        self._stop_asked = threading.Event()
        self._back_off = BackOff(self._stop_asked)
        self._turns = Turns()
        self._pruner = Pruner(alias)
        self._runners: list[Runner] = []
        self._ownership = Ownership(self._turns, only)
        self._last_position = 0
        self._seen_at = 0.0
        self._look_anew = threading.Event()
        self._look_again = threading.Event()
        self._ended = threading.Event()
        self._own: Any = None
        self._me = 0
        #: Whether it has ended for an error of its own.
        self.failed = False
        self._news = threading.Event()

    def stop(self) -> None:
        """Let it finish the events in hand, hand its partitions back and end."""
        self._stop_asked.set()
        self._news.set()

    def run(self) -> None:
        with ExitStack() as stack:
            self._news = stack.enter_context(woken(self.alias))
            while not self._stop_asked.is_set():
                try:
                    self._begin()
                    self._work()
                    break
                except Error as error:
                    self._tell_and_wait(error)
                except Exception:
                    # The border of the process: it ends, and says so, rather than look alive.
                    logger.critical("database %r is worked for no longer", self.alias, exc_info=True)
                    self.failed = True
                    break
            self._end()

    def _begin(self) -> None:
        """Open the session, and be a member under a new number, or again under the old one."""
        if self._own is not None:
            self._own.close()
        self._own = connections[self.alias] = open_session(self.alias, own_statements=True)
        self._ownership.opened_at = time.monotonic()
        self._log = log_of(self._own)
        if not self._runners:
            register(self.alias)
        if not self._me or not membership.beat(self._own, self._me, membership.RUNNING):
            self._me = membership.begin(self._own)
        self._mark: int | None = None
        self._last_position = 0
        self._looked_at = self._beaten_at = self._due_at = 0.0
        self._pruned_at = time.monotonic()  # not at once: a worker that begins has better things to do
        self._close_until = 0.0
        if not self._runners:
            if self._own.vendor == "postgresql":
                from heliograph.delivery.worker.listening import Listener  # psycopg is not there for SQLite alone

                Listener(self.alias, self._news, self._stop_asked).start()
            else:
                LockBreaker(self._runners, self._ended).start()
            for _ in range(self._threads):
                self._start_runner()

    def _work(self) -> None:
        poll_seconds = options().poll_seconds(self._own.vendor)
        while not self._stop_asked.is_set():
            self._beat()
            self._watch()  # before partitions are taken: what has hung is told of under the old epoch
            self._look()
            # What a turn commits is only sure to be seen by a step that is taken after it.
            still = all(map(self._turns.is_idle, self._ownership.actors.values()))
            looked_at = time.monotonic()
            found = self._look_for_news()
            given = self._give_turns(found)
            self._prune()
            self._back_off.reset()
            if self._drain and still and found.is_complete and not given and self._nothing_is_left():
                return
            # Senders count on one more look after the close time: what they commit within it wakes nobody.
            closely = looked_at < self._close_until or (self._drain and still)
            rest_seconds = _DRAINING_SECONDS if self._drain else poll_seconds
            if self._news.wait(_CLOSELY_SECONDS if closely else rest_seconds):
                self._news.clear()
                self._close_until = time.monotonic() + CLOSE_SECONDS

    def _beat(self) -> None:
        now = time.monotonic()
        if now - self._beaten_at >= options().LEASE_SECONDS / 3:
            self._beaten_at = now
            state = membership.STOPPING if self._stop_asked.is_set() else membership.RUNNING
            if not membership.beat(self._own, self._me, state):
                self._me = membership.begin(self._own)

    def _look(self) -> None:
        now = time.monotonic()
        if not self._look_again.is_set() and now - self._looked_at < look_seconds():
            return
        self._look_again.clear()
        self._looked_at = now
        self._ownership.look(self._own, self._me)

    def _watch(self) -> None:
        """Replace threads whose receiver has run past its time."""
        for runner in list(self._runners):
            if (hung := runner.look_whether_it_hangs()) is not None:
                actor, held = hung
                actor.lost = True
                self._runners.remove(runner)
                if not self._stop_asked.is_set():
                    self._start_runner()
                self._look_again.set()
                successor = end_hung(self._own, runner.hands, actor, held, self._me)
                if successor is not None:
                    self._ownership.actors[successor.owned.number] = successor
                    self._turns.add(successor)

    def _look_for_news(self) -> News:
        """Give positions to what has been committed, and return what is new."""
        if self._look_anew.is_set():
            self._look_anew.clear()
            self._mark = None  # so that everybody has a turn
        looked_at = time.monotonic()
        found = news(self._log, self._mark, seconds=_STEPS_SECONDS)
        if found.mark != self._mark:
            self._close_until = time.monotonic() + CLOSE_SECONDS
        if not found.is_complete:
            self._news.set()
        if found.last_position < self._last_position:
            # No session was lost, but a pooler has another server behind it.
            self._ownership.opened_at = time.monotonic()
            self._is_to_look_anew()
        self._mark, self._last_position, self._seen_at = found.mark, found.last_position, looked_at
        return found

    def _known(self, opened_at: float) -> tuple[float, int]:
        """Return since when what was read counts for a thread, and as far as the log has come as seen since then."""
        since = max(opened_at, self._ownership.opened_at)
        return since, self._last_position if self._seen_at >= since else 0

    def _is_to_look_anew(self) -> None:
        """Have the log looked at as for the first time."""
        self._look_anew.set()
        self._news.set()

    def _give_turns(self, found: News) -> bool:
        """Give those a turn whose signals have news, or whose deliveries are due; tell whether there was any."""
        given = self._give(lambda reading: found.signals is None or not found.signals.isdisjoint(reading.signals))
        now = time.monotonic()
        # Who has news has it sooner if nothing else is asked for beside.
        if now - self._due_at >= (_DUE_AT_LEAST_SECONDS if given else _DUE_SECONDS):
            self._due_at = now
            due = due_subscriptions(self._own)
            given |= self._give(lambda reading: reading.subscription in due, are_due=True)
        return given or found.signals is None or bool(found.signals)

    def _give(self, wants: Callable[[Reading], bool], *, are_due: bool = False) -> bool:
        actors = [actor for actor in self._ownership.actors.values() if wants(actor.reading)]
        if actors and not are_due and self._turns.is_idle(actors[0]):
            actors[0].read_ahead(self._log, self._last_position)  # else another session would have to wake up
        for actor in actors:
            if are_due:
                actor.has_due = True
            self._turns.add(actor)
        return bool(actors)

    def _prune(self) -> None:
        """Let go of what nobody needs any more, a little of it at a time."""
        now = time.monotonic()
        if now - self._pruned_at >= _PRUNE_SECONDS:
            self._pruned_at = now
            self._pruner.turn(batches=_PRUNE_BATCHES)

    def _nothing_is_left(self) -> bool:
        return nothing_is_left(self._own, self._ownership, self._turns, me=self._me, last_position=self._last_position)

    def _start_runner(self) -> None:
        hands = self._hands(self.alias, membership.name(), self._stop_asked)
        runner = Runner(
            hands,
            self._turns,
            known=self._known,
            lost=self._look_again.set,
            opened=self._is_to_look_anew,
        )
        self._runners.append(runner)
        runner.start()

    def _tell_and_wait(self, error: Error) -> None:
        wait = self._back_off.wait_seconds()
        logger.warning(
            "database %r cannot be worked for (%s); trying again in %.1f s", self.alias, str(error).strip(), wait
        )
        self._back_off.wait(wait)

    def _end(self) -> None:
        """Let the events in hand be finished, and hand everything back."""
        self._stop_asked.set()
        if self._own is None:
            return
        try:
            for _ in self._runners:
                self._turns.nudge()
            while any(runner.is_alive() for runner in self._runners):
                self._beat()
                self._watch()
                for runner in self._runners:
                    runner.join(_JOIN_SECONDS)
            self._ownership.end(self._own)
            membership.leave(self._own, self._me)
        except Error as error:
            logger.warning("database %r: not signed off (%s); others take over after the lease", self.alias, error)
            for runner in self._runners:
                runner.join(options().LEASE_SECONDS)
        finally:
            self._ended.set()
            self._own.close()
