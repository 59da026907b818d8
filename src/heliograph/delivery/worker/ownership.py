"""Which partitions of a database a worker owns: what is free, up to its fair share."""

from __future__ import annotations

import time
from collections.abc import Collection
from typing import Any

from heliograph.delivery.sql.dialect import statements
from heliograph.delivery.worker import membership
from heliograph.delivery.worker.actor import Actor
from heliograph.delivery.worker.reading import Reading
from heliograph.delivery.worker.readings import readings
from heliograph.delivery.worker.runner import Turns
from heliograph.delivery.worker.sharing import Row, plan
from heliograph.delivery.worker.takeover import take
from heliograph.log.execute import rows
from heliograph.settings import options

#: Who owns what is looked at so often.
_LOOK_SECONDS = 1.0

#: What was taken above the fair share is first offered to others after so long.
_OFFER_SECONDS = 10.0


def look_seconds() -> float:
    """Return how often a worker looks who owns what."""
    return min(_LOOK_SECONDS, options().LEASE_SECONDS / 3)


class Ownership:
    """The partitions of one worker, each with its actor.

    Args:
        only: names of receivers to which to keep; empty for all.

    Attributes:
        opened_at: when the thread's session was opened, on the monotonic clock.
        actors: of the partitions that it owns, by the partition's id.
        readings: the subscriptions that it can read, by number.
    """

    def __init__(self, turns: Turns, only: Collection[str]) -> None:
        self.opened_at = 0.0
        self._turns = turns
        self._only = only
        self.actors: dict[int, Actor] = {}
        self.readings: dict[int, Reading] = {}
        self._alive: set[int] = set()
        self._adopted: set[int] = set()
        self._offer_at = 0.0
        self._offer_seconds = _OFFER_SECONDS
        self._free_since: dict[int, float] = {}

    def look(self, own: Any, me: int) -> None:
        """See who owns what; take what is free, up to a fair share, and hand back what is more.

        Args:
            own: the thread's session.
            me: this worker's number.
        """
        self.actors = {number: actor for number, actor in self.actors.items() if not actor.lost}
        # The epochs first: whoever comes, goes or subscribes to another signal from here on changes them.
        partitions = stored_partitions(own)
        members = membership.members(own)
        lease = options().LEASE_SECONDS
        alive = {number for number, each in members.items() if number == me or not each.is_gone(lease)}
        self.readings = readings(own, self._only)
        gone = {row.worker for row in partitions if row.worker is not None} - alive
        todo = plan(
            partitions,
            me=me,
            mine=self.actors.keys(),
            gone=gone,
            workers=len(alive),
            readable=self.readings,
            left=self._left_by_others(partitions, alive),
            adopted=self._adopted,
        )
        for number in todo.hand_back:
            self._hand_back_if_idle(own, number)
        self._adopted |= {row.id for row in todo.adopt}
        for row in (*todo.take, *todo.adopt):
            before = members.get(row.worker) if row.worker is not None else None
            died = row.worker in gone
            actor = take(own, row, self.readings[row.subscription], me, before, died=died)
            if actor is not None:
                self.actors[row.id] = actor
                self._turns.add(actor)

    def end(self, own: Any) -> None:
        """Hand everything back, once nobody runs any of it."""
        for actor in self.actors.values():
            if not actor.lost:
                actor.hand_back(own, self.opened_at)

    def _left_by_others(self, partitions: list[Row], alive: set[int]) -> set[int]:
        """Return the partitions that nobody has taken for a while: not every worker has every receiver."""
        now = time.monotonic()
        if alive != self._alive or now > self._offer_at:
            # Somebody new may be able to run them, or one who was slow; they are offered the more rarely.
            self._offer_seconds = _OFFER_SECONDS if alive != self._alive else 2 * self._offer_seconds
            self._offer_at = now + self._offer_seconds
            self._alive = alive
            self._adopted.clear()
        free = [row.id for row in partitions if row.worker not in alive]
        self._free_since = {number: self._free_since.get(number, now) for number in free}
        return {number for number, since in self._free_since.items() if now - since >= 2 * look_seconds()}

    def _hand_back_if_idle(self, own: Any, number: int) -> None:
        actor = self.actors[number]
        if self._turns.is_idle(actor):
            actor.hand_back(own, self.opened_at)
            del self.actors[number]


def stored_partitions(own: Any) -> list[Row]:
    """Return all partitions of a database as they stand."""
    return [Row._make(row) for row in rows(own, statements(own).PARTITIONS)]
