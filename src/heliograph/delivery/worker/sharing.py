"""Which partitions a worker takes and which it hands back: decided without a look at the database."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple


class Row(NamedTuple):
    """A partition as it stands in the database."""

    id: int
    subscription: int
    number: int
    of: int
    position: int
    until: int | None
    epoch: int
    worker: int | None
    in_hand: int | None
    paused: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What a worker is to do about ownership.

    Attributes:
        take: partitions to make its own.
        adopt: those to take above its fair share, as nobody else does.
        hand_back: partitions to give up, by id.
    """

    take: list[Row]
    adopt: list[Row]
    hand_back: list[int]


def plan(
    partitions: Sequence[Row],
    *,
    me: int,
    mine: Collection[int],
    gone: Collection[int],
    workers: int,
    readable: Mapping[int, object],
    left: Collection[int] = (),
    adopted: Collection[int] = (),
) -> Plan:
    """Plan who owns what.

    Args:
        partitions: all of them.
        me: this worker's number.
        mine: those that this worker runs now, by id.
        gone: numbers of workers that are no more.
        workers: how many are alive, this one included.
        readable: the subscriptions that this worker can run.
        left: partitions that have been free for so long that others, it seems, cannot run them, by id.
        adopted: those taken for that reason, by id.
    """
    changing = {row.subscription for row in partitions if row.until is not None}
    # While the number of partitions changes, the new ones wait until every old one has come to its end.
    runnable = [
        row
        for row in partitions
        if row.subscription in readable
        and not row.paused
        and (row.until is not None or row.subscription not in changing)
    ]
    fair = -(-len(runnable) // max(1, workers))
    kept = [row for row in runnable if row.id in mine]
    lost = [row for row in runnable if row.id not in mine and row.worker == me]
    free = [row for row in runnable if row.id not in mine and (row.worker is None or row.worker in gone)]
    room = max(0, fair - len(kept) - len(lost))
    surplus = [row.id for row in kept if row.id not in adopted][fair:]
    runnable_ids = {row.id for row in runnable}
    return Plan(
        take=[*lost, *free[:room]],
        adopt=[row for row in free[room:] if row.id in left],
        hand_back=[*surplus, *(i for i in mine if i not in runnable_ids)],
    )
