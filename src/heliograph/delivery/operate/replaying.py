"""Delivering events again that a durable receiver has had."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from django.db import connections

from heliograph.delivery.decisions.spread import spread_of
from heliograph.delivery.decisions.states import Happening, State, move
from heliograph.delivery.operate.changing import changing, hold, let_go
from heliograph.delivery.operate.moving import CHUNK, apply, queues
from heliograph.delivery.operate.queues import Standing, arrange
from heliograph.delivery.operate.subscriptions import find, ordering_of, receiver_of
from heliograph.delivery.sql.operating import ADD_MANY
from heliograph.log.execute import moved
from heliograph.log.selection import Place, oldest
from heliograph.models import Delivery, Partition, Subscription, SubscriptionSignal


@dataclass(frozen=True, slots=True, kw_only=True)
class Replayed:
    """What has become of events that were to be delivered again.

    Attributes:
        due: how many are due at once.
        held: how many wait for an earlier event of their key.
        left: how many are on their way already: they have an open delivery that is not dead.
    """

    due: int = 0
    held: int = 0
    left: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """Which events.

    Attributes:
        since: sent then or later.
        from_position: at this position or behind it.
        key: of this key only.
    """

    since: datetime | None = None
    from_position: int = 0
    key: str | None = None


class _Reader(NamedTuple):
    """A subscription as it stood when the replay began: what it is delivered later is not delivered again."""

    alias: str
    subscription: int
    ordering: str
    signals: list[int]
    partitions: list[Partition]

    def has_passed(self, place: Place) -> bool:
        spread = spread_of(place.key, place.position, self.ordering)
        mine = [each for each in self.partitions if spread % each.count == each.number]
        return all(place.position <= each.position for each in mine)


def replay(alias: str, name: str, chosen: Chosen, *, dry_run: bool = False) -> Replayed:
    """Deliver events again, in the order of their positions, before later events of their keys.

    Args:
        dry_run: change nothing, and count all that would be delivered as due.

    Raises:
        UnknownSubscriptionError: there is no such receiver.

    Guarantees:
        A portion of events at a time is one transaction; one that is broken off can be made again, and leaves alone
        what is on its way. An event that the receiver does not hear because of its sender is passed over by the worker.
    """
    reader = _reader(alias, find(alias, name))
    due = held = left = 0
    after: int | None = chosen.from_position - 1
    while after is not None:
        some, after = _portion(reader, chosen, after, dry_run)
        due, held, left = due + some.due, held + some.held, left + some.left
    return Replayed(due=due, held=held, left=left)


def _reader(alias: str, subscription: Subscription) -> _Reader:
    signals = SubscriptionSignal.objects.using(alias).filter(subscription=subscription)
    return _Reader(
        alias=alias,
        subscription=subscription.pk,
        ordering=ordering_of(receiver_of(alias, subscription.pk)),
        signals=list(signals.values_list("signal_id", flat=True)),
        partitions=list(Partition.objects.using(alias).filter(subscription=subscription).order_by("id")),
    )


def _portion(reader: _Reader, chosen: Chosen, after: int, dry_run: bool) -> tuple[Replayed, int | None]:
    """Replay the next events behind a position, and return behind which it goes on; None at the end."""
    if dry_run:
        places, rest = _page(reader, chosen, after)
        there = _there(reader, places)
        count = len(_wanted(places, there))
        return Replayed(due=count, left=len(places) - count), rest
    with changing(reader.alias) as connection:
        # Behind the lock: what is being pruned is gone by now, and what is read stays.
        partitions = hold(reader.alias, reader.subscription)
        places, rest = _page(reader, chosen, after)
        there = _there(reader, places)
        wanted = _wanted(places, there)
        if not wanted or not partitions:
            return Replayed(left=len(places)), rest
        let_go(connection, partitions, {spread_of(each.key, each.position, reader.ordering) for each in wanted})
        due, held = _deliver(reader, wanted, there)
        return Replayed(due=due, held=held, left=len(places) - len(wanted)), rest


def _page(reader: _Reader, chosen: Chosen, after: int) -> tuple[list[Place], int | None]:
    end = max((each.position for each in reader.partitions), default=0)
    page = oldest(
        connections[reader.alias],
        signals=reader.signals,
        after=after,
        until=end,
        since=chosen.since,
        key=chosen.key,
        limit=CHUNK,
    )
    return [each for each in page if reader.has_passed(each)], page[-1].position if len(page) == CHUNK else None


def _there(reader: _Reader, places: Sequence[Place]) -> dict[int, Standing]:
    """Return the open deliveries of some events, by position."""
    rows = Delivery.objects.using(reader.alias).filter(
        subscription=reader.subscription, position__in=[each.position for each in places]
    )
    found = rows.values_list("position", "pk", "state")
    return {position: Standing(position, number, State(state)) for position, number, state in found}


def _wanted(places: Sequence[Place], there: Mapping[int, Standing]) -> list[Place]:
    """Return the events that are not on their way."""
    return [each for each in places if each.position not in there or there[each.position].state is State.DEAD]


def _deliver(reader: _Reader, wanted: Sequence[Place], there: Mapping[int, Standing]) -> tuple[int, int]:
    """Insert or move the deliveries of some events; return how many are due and how many are held."""
    keys = {each.key for each in wanted if each.key is not None}
    again = {each.position for each in wanted}
    everything: dict[str | int, list[Standing]] = {
        key: [each for each in queue if each.position not in again]
        for key, queue in queues(reader.alias, reader.subscription, keys).items()
    }
    for place in wanted:
        standing = there.get(place.position) or Standing(place.position, None, State.DONE)
        # An event without a key has a queue to itself.
        queue = everything.setdefault(place.position if place.key is None else place.key, [])
        queue.append(standing._replace(is_wanted=True))
    moves = [
        step
        for queue in everything.values()
        for step in arrange(queue, reader.ordering, Happening.REPLAYED, Happening.REPLAYED_BEHIND)
    ]
    stored = apply(reader.alias, moves)
    new = {standing.position: happening for standing, happening in moves if standing.id is None}
    _insert(reader, [each for each in wanted if each.position in new], new)
    counts = stored + Counter(new.values())
    return counts[Happening.REPLAYED], counts[Happening.REPLAYED_BEHIND]


def _insert(reader: _Reader, places: Sequence[Place], happenings: Mapping[int, Happening]) -> None:
    rows = [
        [
            *(each.number, each.position, each.key, spread_of(each.key, each.position, reader.ordering)),
            move(State.DONE, happenings[each.position]).value,
        ]
        for each in places
    ]
    if not rows:
        return
    connection = connections[reader.alias]
    given = [list(column) for column in zip(*rows, strict=True)]
    columns = given if connection.vendor == "postgresql" else [json.dumps(rows)]
    moved(connection, ADD_MANY[connection.vendor], [reader.subscription, *columns])
