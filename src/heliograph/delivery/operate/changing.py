"""The transaction in which an operator's verb changes something, and whom it locks out meanwhile."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from django.db import connections, transaction
from django.db.models import F

from heliograph.delivery.recording.wake import wake_after_commit
from heliograph.delivery.sql.operating import BEGIN
from heliograph.log.execute import moved
from heliograph.models import Partition, Subscription


@contextmanager
def changing(alias: str) -> Iterator[Any]:
    """Give a database's connection in a transaction.

    Guarantees:
        What is read behind a lock is what its last holder has committed, unless the caller's own transaction has a
        higher isolation level: then the database refuses with a serialization failure.
    """
    connection = connections[alias]
    begins = not connection.in_atomic_block and connection.get_autocommit()
    with transaction.atomic(using=alias):
        if begins:
            moved(connection, BEGIN[connection.vendor])
        yield connection


def hold(alias: str, subscription: int) -> list[Partition]:
    """Lock a subscription and its partitions until the end of the transaction, and return the partitions.

    Guarantees:
        Owners commit nothing meanwhile; operators take turns.
    """
    # Not the stronger lock, which would stop owners who write deliveries, and they hold what comes next.
    list(Subscription.objects.using(alias).select_for_update(no_key=True).filter(pk=subscription))
    partitions = Partition.objects.using(alias).filter(subscription=subscription)
    return list(partitions.select_for_update().order_by("id"))


def let_go(connection: Any, partitions: Sequence[Partition], spreads: Collection[int] | None = None) -> None:
    """Give partitions the next epoch, so that their owners commit nothing of what they have in hand, and wake workers.

    Args:
        partitions: held ones.
        spreads: of the events that are touched; None for all.
    """
    touched = [
        each.pk
        for each in partitions
        if spreads is None or any(spread % each.count == each.number for spread in spreads)
    ]
    Partition.objects.using(connection.alias).filter(pk__in=touched).update(epoch=F("epoch") + 1)
    wake_after_commit(connection)
