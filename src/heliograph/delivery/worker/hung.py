"""Ending a receiver that hangs."""

from __future__ import annotations

import logging
from typing import Any

from django.db import transaction

from heliograph.delivery.states import State
from heliograph.delivery.verdict import after_attempt
from heliograph.delivery.worker.actor import Actor
from heliograph.delivery.worker.attempts import ending_of
from heliograph.delivery.worker.database import moved, statements
from heliograph.delivery.worker.hands import Hands, Held

logger = logging.getLogger("heliograph.worker")


class TimedOutError(Exception):
    """A receiver has run longer than its timeout."""


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
