"""A thread that gives partitions their turns."""

from __future__ import annotations

import logging
import queue
import threading
import time
from collections.abc import Callable

from django.db import Error, connections

from heliograph.delivery.worker.actor import Actor
from heliograph.delivery.worker.attempts import DisconnectedError, LostError, is_disconnected
from heliograph.delivery.worker.backing_off import BackOff
from heliograph.delivery.worker.hands import Hands, Held

logger = logging.getLogger("heliograph.worker")

#: How long the thread waits for a turn before it looks whether it is still wanted.
_WAIT_SECONDS = 0.2


class Turns:
    """The partitions whose turn it is, each of them once."""

    def __init__(self) -> None:
        self._queue: queue.SimpleQueue[Actor | None] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._waiting: set[Actor] = set()
        self._running: set[Actor] = set()
        self._again: set[Actor] = set()

    def add(self, actor: Actor) -> None:
        """Give an actor a turn; one that has its turn right now gets another one after it."""
        with self._lock:
            self._add(actor)

    def next(self) -> Actor | None:
        """Return the next actor, waiting a little for one; None for none, and once for each ``nudge``."""
        try:
            actor = self._queue.get(timeout=_WAIT_SECONDS)
        except queue.Empty:
            return None
        if actor is None:
            return None
        with self._lock:
            self._waiting.discard(actor)
            self._running.add(actor)
        return actor

    def nudge(self) -> None:
        """Let one who waits for an actor look whether it is still wanted."""
        self._queue.put(None)

    def done(self, actor: Actor, *, more: bool) -> None:
        """End a turn; with more to do, it gets another one."""
        with self._lock:
            self._running.discard(actor)
            more = more or actor in self._again
            self._again.discard(actor)
            if more and not actor.lost:
                self._add(actor)  # before anybody can take it for idle, and hand its partition back

    def is_idle(self, actor: Actor) -> bool:
        """Tell whether an actor has no turn, now or next."""
        with self._lock:
            return actor not in self._running and actor not in self._waiting

    def _add(self, actor: Actor) -> None:
        if actor in self._running:
            self._again.add(actor)
        elif actor not in self._waiting:
            self._waiting.add(actor)
            self._queue.put(actor)


class Runner(threading.Thread):
    """One thread of a worker.

    Args:
        known: returns since when what was read counts, for sessions opened at a time, and as far as the log has come as
            seen since then; 0 if nobody has looked.
        lost: called when a partition is given up.
        opened: called when sessions have been opened: what was known before may be so no longer.

    Attributes:
        hands: what it works with, for those who watch it.
        actor: whose turn it is.
        hung: the partition with which it hangs, and with what in hand.
    """

    def __init__(
        self,
        hands: Hands,
        turns: Turns,
        *,
        known: Callable[[float], tuple[float, int]],
        lost: Callable[[], None],
        opened: Callable[[], None],
    ) -> None:
        super().__init__(name=f"heliograph worker {hands.alias}", daemon=True)
        self.hands = hands
        self.actor: Actor | None = None
        self.hung: tuple[Actor, Held] | None = None
        self._turns = turns
        self._known = known
        self._lost = lost
        self._opened = opened
        self._back_off = BackOff(hands.stop)

    def run(self) -> None:
        try:
            if not self._open():
                return
            while not (self.hands.stop.is_set() or self.hands.given_up):
                actor = self._turns.next()
                if actor is not None:
                    self._turn(actor)
        finally:
            connections.close_all()
            self.hands.close()

    def look_whether_it_hangs(self) -> tuple[Actor, Held] | None:
        """Return ``hung``, after a look whether what is in hand is past its time; then the thread is given up."""
        actor, held = self.actor, self.hands.held
        if self.hung is not None or actor is None or held is None:
            return self.hung
        if time.monotonic() - held.since > actor.reading.receiver.options.timeout:
            self.hands.given_up, self.hung = True, (actor, held)
        return self.hung

    def _turn(self, actor: Actor) -> None:
        self.actor = actor
        more = False
        try:
            if not actor.lost:
                known_since, last_position = self._known(self.hands.opened_at)
                more = actor.turn(self.hands, last_position, known_since)
                self._back_off.reset()
        except LostError:
            self._lose(actor)
        except DisconnectedError as gone:
            more = self._recover(actor, gone)
        except Error as error:
            if is_disconnected(self.hands.own, error) or is_disconnected(self.hands.work, error):
                more = self._recover(actor, DisconnectedError())
            else:
                more = self._leave_for_later(actor, error)
        except Exception:
            # The border of the process: whoever takes the partition next finds things as they were committed.
            logger.critical("%s: given up, for an error of Heliograph's own", actor.reading.name, exc_info=True)
            self._back_off.wait(self._back_off.wait_seconds())
            self._lose(actor)
        finally:
            self.actor = None
            self.hands.mend_other_sessions()
            self._turns.done(actor, more=more)

    def _leave_for_later(self, actor: Actor, error: Error) -> bool:
        wait = self._back_off.wait_seconds()
        logger.error("%s: %s; going on in %.1f s", actor.reading.name, error, wait, exc_info=error)
        self._back_off.wait(wait)
        # Whoever takes the partition next, most likely this worker, ends a claim that may be left.
        self._lose(actor)
        return False

    def _lose(self, actor: Actor) -> None:
        actor.lost = True
        self._lost()

    def _recover(self, actor: Actor, gone: DisconnectedError) -> bool:
        """Open new sessions and let the actor go on."""
        if self.hands.given_up:
            self._lose(actor)  # it may be another one by now than the one that hung
            return False
        logger.warning(
            "%s: the session with database %r is lost; opening another", actor.reading.name, actor.reading.alias
        )
        restarted = self._open(again=True)
        if restarted is None:
            return False
        try:
            actor.recover(self.hands, gone, restarted=restarted)
        except LostError:
            self._lose(actor)
        except Error as error:
            # Whatever it was, whoever takes the partition next will find things as they were committed.
            logger.warning("%s: given up for the time being: %s", actor.reading.name, error)
            self._lose(actor)
        return True

    def _open(self, *, again: bool = False) -> bool | None:
        """Open sessions, as often as it takes; None if the worker is to stop before there is one."""
        restarted = False
        while not self.hands.stop.is_set():
            try:
                if again:
                    restarted = self.hands.reopen() or restarted
                else:
                    self.hands.open()
            except Error as error:
                wait = self._back_off.wait_seconds()
                logger.warning(
                    "database %r cannot be reached (%s); trying again in %.1f s",
                    self.hands.alias,
                    str(error).strip(),
                    wait,
                )
                self._back_off.wait(wait)
            else:
                self._back_off.reset()
                self._opened()
                return restarted if again else True
        return None
