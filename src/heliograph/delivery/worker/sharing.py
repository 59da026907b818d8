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
        hand_back: partitions to give up, by id.
    """

    take: list[Row]
    hand_back: list[int]


def plan(
    partitions: Sequence[Row],
    *,
    me: int,
    mine: Collection[int],
    gone: Collection[int],
    workers: int,
    readable: Mapping[int, object],
) -> Plan:
    """Plan who owns what.

    Args:
        partitions: all of them.
        me: this worker's number.
        mine: those that this worker runs now, by id.
        gone: numbers of workers that are no more.
        workers: how many are alive, this one included.
        readable: the subscriptions that this worker can run.
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
    free = [row for row in runnable if row.id not in mine and (row.worker in (None, me) or row.worker in gone)]
    surplus = [row.id for row in kept[fair:]]
    runnable_ids = {row.id for row in runnable}
    return Plan(
        take=free[: max(0, fair - len(kept))], hand_back=[*surplus, *(i for i in mine if i not in runnable_ids)]
    )
