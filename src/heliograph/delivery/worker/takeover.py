"""Making a partition one's own, also after a worker that died with an event in hand."""

from __future__ import annotations

import logging
from typing import Any

from django.db import transaction

from heliograph.delivery.decisions.states import State
from heliograph.delivery.decisions.verdict import Outcome, after_attempt
from heliograph.delivery.sql.dialect import statements
from heliograph.delivery.worker.actor import Actor
from heliograph.delivery.worker.attempts import record
from heliograph.delivery.worker.membership import Member, name
from heliograph.delivery.worker.partition import Owned
from heliograph.delivery.worker.reading import Reading
from heliograph.delivery.worker.sharing import Row
from heliograph.log.entries import Share
from heliograph.log.execute import moved
from heliograph.log.log import log_of

logger = logging.getLogger("heliograph.worker")


class DiedError(Exception):
    """A worker died with this event in hand."""


def take(connection: Any, row: Row, reading: Reading, me: int, before: Member | None, *, died: bool) -> Actor | None:
    """Make a partition this worker's own, in one transaction with what has become of the former owner's events.

    Args:
        connection: the thread's connection of the alias.
        before: the former owner's row, where there is one.
        died: whether that one is gone without having handed the partition back.

    Returns:
        Who runs it from now on; None if somebody has been quicker.
    """
    share = Share(number=row.number, count=row.of, by_key=reading.by_key)
    owned = Owned(number=row.id, share=share, position=row.position, until=row.until, epoch=row.epoch + 1)
    blamed = died and not (before is not None and before.restarted_since)
    actor = Actor(reading, owned, after_crash=blamed)
    with transaction.atomic(using=connection.alias):
        if not moved(connection, statements(connection).OWN, [me, row.id, row.epoch]):
            return None
        # Now that nobody else can move it: until a moment ago the former owner could.
        in_hand = owned.reread(connection)
        actor.looked_up_to = owned.position
        error = record(DiedError(f"the worker {_name(before, row)} died with this event in hand"), name())
        outcome = Outcome.CRASHED if blamed else Outcome.INTERRUPTED
        for due in actor.deliveries.claimed(connection):
            actor.deliveries.end_claim(connection, due, outcome, error)
        if in_hand is not None:
            if blamed:
                _blame(connection, actor, in_hand, error)
            owned.mark(connection, None)
    if died:
        logger.warning("%s: taken over from the worker %s, which is gone", reading.name, _name(before, row))
    return actor


def succeed(connection: Any, actor: Actor, me: int) -> Actor | None:
    """Own a partition of this worker's under a new epoch, as a part of the open transaction.

    Args:
        connection: the thread's connection of the alias.
        actor: the one whose thread is given up; it can commit nothing from here on.

    Returns:
        Who goes on from what is committed; None if the ownership was lost.
    """
    former = actor.owned
    if not moved(connection, statements(connection).OWN, [me, former.number, former.epoch]):
        return None
    owned = Owned(
        number=former.number,
        share=former.share,
        position=former.position,
        until=former.until,
        epoch=former.epoch + 1,
    )
    if owned.reread(connection) is not None:
        owned.mark(connection, None)
    return actor.successor(owned)


def _blame(connection: Any, actor: Actor, position: int, error: dict[str, Any]) -> None:
    """Make a delivery of the event that a worker died with, and move on behind it."""
    reading, owned = actor.reading, actor.owned
    entries = log_of(connection).read(
        list(reading.signals), after=position - 1, until=position, limit=1, share=owned.share
    )
    if entries and position > owned.position:
        verdict = after_attempt(Outcome.CRASHED, state=State.SMOOTH, policy=reading.receiver.options.retry)
        actor.deliveries.add(connection, entries[0], verdict, error)
        owned.move(connection, position)  # what is before it is done: who sets marks goes one by one
        owned.position = actor.looked_up_to = position


def _name(before: Member | None, row: Row) -> str:
    return f"{before.host.split(' ')[0]}:{before.pid}" if before is not None else f"number {row.worker}"
