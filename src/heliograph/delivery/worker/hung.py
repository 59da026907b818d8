"""Ending a receiver that hangs."""

from __future__ import annotations

import logging
import threading
from typing import Any

from django.db import transaction

from heliograph.delivery.states import State
from heliograph.delivery.verdict import after_attempt
from heliograph.delivery.worker.actor import Actor
from heliograph.delivery.worker.attempts import ending_of
from heliograph.delivery.worker.database import moved, statements
from heliograph.delivery.worker.hands import Hands, Held
from heliograph.delivery.worker.runner import Runner

logger = logging.getLogger("heliograph.worker")

#: Who hangs is looked at so often.
_LOOK_SECONDS = 0.1


class TimedOutError(Exception):
    """A receiver has run longer than its timeout."""


class LockBreaker(threading.Thread):
    """On SQLite, ends the sessions of receivers that hang. Whoever is to write what has become of them, and everybody
    else, waits for the lock that they hold."""

    def __init__(self, runners: list[Runner], ended: threading.Event) -> None:
        super().__init__(name="heliograph lock breaker", daemon=True)
        self._runners = runners
        self._ended = ended

    def run(self) -> None:
        while not self._ended.wait(_LOOK_SECONDS):
            for runner in list(self._runners):
                if runner.look_whether_it_hangs():
                    runner.hands.end_session(None)


def end_hung(own: Any, hands: Hands, actor: Actor, held: Held, me: int) -> None:
    """End the session of a receiver that hangs, and write its failed attempt under a new epoch.

    Args:
        own: the connection of the thread that watches.
        hands: those of the thread that hangs, which can commit nothing from here on.
        held: the event that it has in hand.
        me: the worker's number.
    """
    reading, owned = actor.reading, actor.owned
    timeout = reading.receiver.options.timeout
    logger.error("%s has run for more than %s s on event %s: ended", reading.name, timeout, held.entry.uuid)
    hands.end_session(own)
    ending = ending_of(TimedOutError(f"it ran longer than its timeout of {timeout} s, and was ended"), hands.worker)
    policy = reading.receiver.options.retry
    with transaction.atomic(using=own.alias):
        if not moved(own, statements(own).OWN, [me, owned.number, owned.epoch]):
            return
        owned.epoch += 1
        owned.reread(own)
        if held.due is None:
            if owned.position >= held.entry.position:
                return  # it has come to its end at the last moment, and is committed
            verdict = after_attempt(ending.outcome, state=State.SMOOTH, policy=policy)
            actor.deliveries.add(own, held.entry, verdict, ending.error)
        else:
            due = held.due
            verdict = after_attempt(
                ending.outcome, state=State.RUNNING, policy=policy, attempts=due.attempts, kills=due.kills
            )
            actor.deliveries.settle(own, due, verdict, ending.error)
