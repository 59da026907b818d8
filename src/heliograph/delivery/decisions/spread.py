"""Which partition of a subscription an event belongs to."""

from __future__ import annotations

from heliograph.events.keys import key_hash


def spread_of(key: str | None, position: int, ordering: str) -> int:
    """Return the number whose remainder by the count of partitions is the partition of an event.

    Events of one key share one; those without a key, and all with ordering ``"none"``, take turns. The log's
    statements work out the same when they read for one partition.
    """
    return position if key is None or ordering == "none" else key_hash(key)
