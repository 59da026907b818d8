"""Whether a worker has nothing left to do."""

from __future__ import annotations

from typing import Any

from heliograph.delivery.sql.dialect import statements
from heliograph.delivery.worker.ownership import Ownership, stored_partitions
from heliograph.delivery.worker.reading import Reading
from heliograph.delivery.worker.runner import Turns
from heliograph.delivery.worker.sharing import Row
from heliograph.log.entries import Share
from heliograph.log.execute import rows
from heliograph.log.log import log_of


def due_subscriptions(own: Any) -> set[int]:
    """Return the numbers of the subscriptions that have deliveries whose time has come."""
    return {number for (number,) in rows(own, statements(own).SUBSCRIPTIONS_DUE)}


def nothing_is_left(own: Any, ownership: Ownership, turns: Turns, *, me: int, last_position: int) -> bool:
    """Tell whether all that a worker can run has been run, by whomever; what is left of its own gets a turn.

    Args:
        own: the thread's session.
        me: the worker's number.
        last_position: as far as the log has come.
    """
    partitions = [row for row in stored_partitions(own) if row.subscription in ownership.readings and not row.paused]
    for row in partitions:
        actor = ownership.actors.get(row.id)
        if actor is None or actor.lost:
            reading = ownership.readings[row.subscription]
            if row.worker in (None, me) or row.until is not None or _is_owed(own, row, reading, last_position):
                return False
        elif not turns.is_idle(actor):
            return False
        elif actor.looked_up_to < last_position:
            turns.add(actor)
            return False
    return due_subscriptions(own).isdisjoint(row.subscription for row in partitions)


def _is_owed(own: Any, row: Row, reading: Reading, last_position: int) -> bool:
    """Tell whether a partition that another worker owns has events in front of it."""
    share = Share(number=row.number, count=row.of, by_key=reading.by_key)
    signals = list(reading.signals)
    return bool(log_of(own).read(signals, after=row.position, until=last_position, limit=1, share=share))
