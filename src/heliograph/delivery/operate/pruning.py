"""Forgetting what nobody needs any more."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db import connections
from django.db.models import Min

from heliograph.delivery.operate.changing import changing
from heliograph.delivery.sql.operating import FORGET_SILENT_WORKERS, KEEP
from heliograph.log import pruning
from heliograph.log.execute import moved
from heliograph.models import Delivery, Partition, Subscription, SubscriptionSignal
from heliograph.settings import options

#: So many events are looked at in one transaction.
BATCH = 500

#: So many steps of the sequencer are kept: a worker that looks again after more of them looks at all signals.
STEPS_KEPT = 1000

#: So long a worker that has gone without a word can be seen.
WORKERS_KEPT_SECONDS = 86400

_END = 2**62


@dataclass(frozen=True, slots=True, kw_only=True)
class Pruned:
    """How much has been deleted.

    Attributes:
        events: of the log.
        steps: of the sequencer.
        workers: that have given no sign for a day.
    """

    events: int = 0
    steps: int = 0
    workers: int = 0


def prune(alias: str) -> Pruned:
    """Delete events that every subscription to their signal has passed, ``RETENTION_SECONDS`` after their sending.

    Guarantees:
        An event stays while a delivery refers to it, while one partition of a subscription to its signal stands in
        front of it, and until it has a position. Each portion is a transaction of its own, which hinders no worker.
    """
    return Pruner(alias).turn()


class Pruner:
    """Prunes a database a little at a time, and goes on where it has stopped: what has to stay is not in its way."""

    def __init__(self, alias: str) -> None:
        self._alias = alias
        self._ahead: list[tuple[int, int]] = []  # signals, each with the position behind which it is to be looked at

    def turn(self, batches: int | None = None) -> Pruned:
        """Prune as ``prune`` does.

        Args:
            batches: look at no more than so many portions of ``BATCH`` events; None for all.
        """
        connection = connections[self._alias]
        seconds = options().RETENTION_SECONDS
        if not self._ahead:
            self._ahead = [(signal, 0) for signal in pruning.expired_signals(connection, seconds)]
        events = 0
        while self._ahead and batches != 0:
            signal, position = self._ahead.pop()
            count, after = _prune_events(self._alias, signal, position, seconds)
            if after is not None:
                self._ahead.append((signal, after))
            events += count
            batches = None if batches is None else batches - 1
        steps = _prune_steps(self._alias)
        workers = moved(connection, FORGET_SILENT_WORKERS[connection.vendor], [WORKERS_KEPT_SECONDS])
        return Pruned(events=events, steps=steps, workers=workers)


def _prune_events(alias: str, signal: int, after: int, seconds: float) -> tuple[int, int | None]:
    """Delete the next events of a signal behind a position; return how many, and behind which to go on."""
    with changing(alias) as connection:
        found = pruning.candidates(
            connection, signal=signal, after=after, until=_passed(connection, signal), seconds=seconds, limit=BATCH
        )
        expired = [each for each in found if each.has_expired]
        needed = _needed(alias, [each.position for each in expired])
        free = [each for each in expired if each.position not in needed]
        count = pruning.delete(connection, signal=signal, events=free) if free else 0
    # What follows an event that has not had its time has not either, but for some of long transactions.
    goes_on = len(found) == BATCH and bool(expired)
    return count, found[-1].position if goes_on else None


def _passed(connection: Any, signal: int) -> int:
    """Return the position up to which all subscriptions to a signal have come, and lock out who delivers again."""
    alias = connection.alias
    heard = SubscriptionSignal.objects.using(alias).filter(signal=signal)
    subscriptions = list(heard.values_list("subscription_id", flat=True))
    if not subscriptions:
        return _END
    if connection.vendor == "postgresql":
        moved(connection, KEEP["postgresql"], [subscriptions])
    partitions = Partition.objects.using(alias).filter(subscription__in=subscriptions)
    passed: dict[int, int] = dict(partitions.values_list("subscription_id").annotate(Min("position")))
    return min(passed.get(each, 0) for each in subscriptions)


def _needed(alias: str, positions: list[int]) -> set[int]:
    """Return those of some positions whose events have an open delivery."""
    # By subscription, as that is where the index begins.
    subscriptions = list(Subscription.objects.using(alias).values_list("id", flat=True))
    rows = Delivery.objects.using(alias).filter(subscription__in=subscriptions, position__in=positions)
    return set(rows.values_list("position", flat=True))


def _prune_steps(alias: str) -> int:
    total = 0
    while True:
        with changing(alias) as connection:
            count = pruning.delete_steps(connection, keep=STEPS_KEPT, limit=BATCH)
        total += count
        if count < BATCH:
            return total
