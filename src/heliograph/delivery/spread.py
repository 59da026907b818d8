"""Which partition of a subscription an event belongs to."""

from __future__ import annotations


def partition_of(key_hash: int | None, *, position: int, partitions: int, ordering: str) -> int:
    """Return the number of a partition, from 0: events of one key share one, those without a key take turns.

    The log's statements work out the same when they read for one partition.

    Args:
        key_hash: of the event's key, as ``heliograph.events.keys`` has it; None for an event without a key.
        position: of the event.
        partitions: how many the subscription has.
        ordering: with ``"none"``, events with a key take turns as well.
    """
    spread = position if key_hash is None or ordering == "none" else key_hash
    return spread % partitions
