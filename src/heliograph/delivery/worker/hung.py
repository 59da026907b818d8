"""Ending a receiver that hangs, or whose COMMIT or hooks do."""

from __future__ import annotations

import logging
import threading
from collections.abc import Sequence
from typing import Any

from django.db import transaction

from heliograph.delivery.decisions.states import State
from heliograph.delivery.decisions.verdict import after_attempt
from heliograph.delivery.worker.actor import Actor
from heliograph.delivery.worker.attempts import Ending, ending_of
from heliograph.delivery.worker.deliveries import Due
from heliograph.delivery.worker.hands import Doing, Hands, Held
from heliograph.delivery.worker.runner import Runner
from heliograph.delivery.worker.takeover import succeed
from heliograph.log.entries import Entry

logger = logging.getLogger("heliograph.worker")

#: Who hangs is looked at so often.
_LOOK_SECONDS = 0.1


_TOLD = {
    Doing.RECEIVER: "%s has run for more than %s s on %s: ended",
    Doing.COMMIT: "%s: COMMIT has run for more than %s s after %s: ended",
    Doing.HOOK: "%s: a hook of on_commit() has run for more than %s s after %s, whose work is committed: ended",
}

_ERRORS = {
    Doing.RECEIVER: "it ran longer than its timeout of {timeout} s, and was ended",
    Doing.COMMIT: "its COMMIT ran longer than its timeout of {timeout} s, and was ended",
}


class TimedOutError(Exception):
    """A receiver, or the COMMIT of its work, has run longer than its timeout."""


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


def end_hung(own: Any, hands: Hands, actor: Actor, held: Held, me: int) -> Actor | None:
    """End the session of a thread that hangs, whose attempt has failed if nothing was committed; another actor goes on.

    Args:
        own: the connection of the thread that watches.
        hands: those of the thread that hangs, which can commit nothing from here on.
        held: what it has in hand.
        me: the worker's number.

    Returns:
        Who goes on; None if the ownership was lost.
    """
    timeout = actor.reading.receiver.options.timeout
    logger.error(_TOLD[held.doing], actor.reading.name, timeout, _named(held.entries))
    hands.end_session(own)
    with transaction.atomic(using=own.alias):
        successor = succeed(own, actor, me)  # waits for the end of what had moved the position, if that hangs
        if successor is not None and held.doing is not Doing.HOOK:
            error = TimedOutError(_ERRORS[held.doing].format(timeout=timeout))
            _judge(own, successor, held, ending_of(error, hands.worker))
    return successor


def _named(entries: Sequence[Entry]) -> str:
    return f"event {entries[0].uuid}" if len(entries) == 1 else f"{len(entries)} events"


def _judge(own: Any, successor: Actor, held: Held, ending: Ending) -> None:
    """See to it that a hang is the end of the attempt that it belongs to, unless that was committed."""
    last = held.entries[-1]
    if held.due is not None:
        _settle(own, successor, held.due, ending)
    elif len(held.entries) > 1:
        successor.go_alone(last)  # should it happen again, it can be told whose doing it is
    elif successor.owned.position < last.position:
        successor.keep_in_mind(last, ending)


def _settle(own: Any, successor: Actor, due: Due, ending: Ending) -> None:
    """Write the end of a later attempt; one that was committed has no delivery any more."""
    verdict = after_attempt(
        ending.outcome,
        state=State.RUNNING,
        policy=successor.reading.receiver.options.retry,
        attempts=due.attempts,
        kills=due.kills,
    )
    successor.deliveries.settle(own, due, verdict, ending.error)
