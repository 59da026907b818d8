"""A worker in the test's own thread: it takes all partitions, and runs until nothing is left."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from typing import Any

from django.db.models.functions import Now

from heliograph.delivery.decisions.states import State
from heliograph.delivery.registration.register import register
from heliograph.delivery.worker import membership
from heliograph.delivery.worker.actor import Actor
from heliograph.delivery.worker.attempts import LostError
from heliograph.delivery.worker.draining import due_subscriptions
from heliograph.delivery.worker.ownership import Ownership, stored_partitions
from heliograph.delivery.worker.runner import Turns
from heliograph.errors import TransactionError
from heliograph.models import Delivery
from heliograph.testing.hands import BorrowedHands


class Drain:
    """Runs what is owed and due, as a worker does: it registers, owns partitions, takes steps and gives turns.

    Args:
        sequence: gives events their positions, and returns the last one.
    """

    def __init__(self, hands: BorrowedHands, sequence: Callable[[], int], ownership: Ownership, me: int) -> None:
        self._hands = hands
        self._own: Any = hands.own
        self._sequence = sequence
        self._ownership = ownership
        self._me = me

    def run(self) -> None:
        """Run until nothing is owed and due, of what receivers send meanwhile neither.

        Raises:
            TransactionError: another worker, which lives, owns a partition.
        """
        while True:
            self._ownership.look(self._own, self._me)
            self._refuse_other_owners()
            last_position = self._sequence()
            for actor in list(self._ownership.actors.values()):
                self._give_turns(actor, last_position)
            if self._sequence() == last_position and self._has_come_to(last_position):
                return

    def bring_forward(self) -> bool:
        """Let the time of all that is to be tried again have come, and tell whether there is any."""
        waiting = Delivery.objects.using(self._hands.alias).filter(
            subscription__in=list(self._ownership.readings), subscription__paused=False, state=State.RETRYING.value
        )
        return waiting.update(due_at=Now()) > 0

    def _give_turns(self, actor: Actor, last_position: int) -> None:
        actor.has_due = True
        try:
            while not actor.lost and actor.turn(self._hands, last_position):
                pass
        except LostError:
            actor.lost = True

    def _has_come_to(self, position: int) -> bool:
        actors = self._ownership.actors.values()
        due = due_subscriptions(self._own)
        return all(actor.looked_up_to >= position and actor.reading.subscription not in due for actor in actors)

    def _refuse_other_owners(self) -> None:
        for row in stored_partitions(self._own):
            reading = self._ownership.readings.get(row.subscription)
            if reading is not None and not row.paused and row.worker not in (None, self._me):
                raise TransactionError(
                    f"{reading.name} is run by another worker of database {self._hands.alias!r} at this moment. Stop "
                    "that one first, or wait for what it does."
                )


@contextmanager
def draining(hands: BorrowedHands, sequence: Callable[[], int], only: Collection[str]) -> Iterator[Drain]:
    """Be a worker within the block.

    Args:
        only: names of receivers to which to keep; empty for all.
    """
    connection: Any = hands.own
    register(hands.alias)
    me = membership.begin(connection)
    ownership = Ownership(Turns(), only)
    try:
        yield Drain(hands, sequence, ownership, me)
    finally:
        if connection.is_usable() and not connection.needs_rollback:
            ownership.end(connection)
            membership.leave(connection, me)
