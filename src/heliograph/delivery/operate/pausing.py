"""Stopping a durable receiver for a while."""

from __future__ import annotations

from heliograph.delivery.operate.changing import changing, hold, let_go
from heliograph.delivery.operate.subscriptions import find
from heliograph.delivery.recording.wake import wake_after_commit
from heliograph.models import Subscription


def pause(alias: str, name: str) -> bool:
    """Stop a durable receiver until it is resumed; return False if it was paused already.

    Raises:
        UnknownSubscriptionError: there is none of that name.

    Guarantees:
        Events go on being kept for it. What it has in hand at that moment is not committed.
    """
    subscription = find(alias, name)
    with changing(alias) as connection:
        partitions = hold(alias, subscription.pk)
        moved = Subscription.objects.using(alias).filter(pk=subscription.pk, paused=False).update(paused=True)
        if moved:
            let_go(connection, partitions)
    return moved > 0


def resume(alias: str, name: str) -> bool:
    """Let a paused durable receiver go on where it has stopped; return False if it was not paused.

    Raises:
        UnknownSubscriptionError: there is none of that name.
    """
    subscription = find(alias, name)
    with changing(alias) as connection:
        moved = Subscription.objects.using(alias).filter(pk=subscription.pk, paused=True).update(paused=False)
        if moved:
            wake_after_commit(connection)
    return moved > 0
