"""Dead letters, trying them again and letting them go."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from heliograph.delivery.decisions.states import Happening, State, states_from
from heliograph.delivery.operate.changing import changing, hold, let_go
from heliograph.delivery.operate.moving import apply, chunks, queues
from heliograph.delivery.operate.queues import Standing, arrange
from heliograph.delivery.operate.subscriptions import find, ordering_of, receiver_of
from heliograph.models import Delivery, Event, SignalName

_FIELDS = ("id", "subscription__name", "event_id", "key", "attempts", "kills", "errors")


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """A dead delivery.

    Attributes:
        id: its number, by which it is retried or rejected.
        receiver: name of the durable receiver.
        event_id: the event's public id; None if the log has lost the event.
        errors: one object for each attempt that failed, the oldest first: type, message, traceback, at, worker.
    """

    id: int
    receiver: str
    event_id: UUID | None
    signal: str
    key: str | None
    attempts: int
    kills: int
    errors: list[dict[str, Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Retried:
    """What has become of deliveries that were to be tried again.

    Attributes:
        due: how many are due at once.
        held: how many wait behind an earlier event of their key.
        left: the others, by number: the state in which they are left, done if they are gone.
    """

    due: int = 0
    held: int = 0
    left: dict[int, State] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejected:
    """What has become of deliveries that were to be let go.

    Attributes:
        count: how many are gone.
        released: how many others were waiting for one of them, and are due now.
    """

    count: int = 0
    released: int = 0


def dead(alias: str) -> Iterator[Letter]:
    """Give the dead letters of a database, by receiver and position."""
    rows = Delivery.objects.using(alias).filter(state=State.DEAD).order_by("subscription__name", "position")
    signals = dict(SignalName.objects.using(alias).values_list("id", "name"))
    for some in chunks(list(rows.values_list("pk", flat=True))):
        letters = list(rows.filter(pk__in=some).values(*_FIELDS))
        events = Event.objects.using(alias).filter(pk__in=[each["event_id"] for each in letters])
        known = {number: (uuid, signal) for number, uuid, signal in events.values_list("id", "uuid", "signal_id")}
        for each in letters:
            uuid, signal = known.get(each["event_id"], (None, None))
            yield Letter(
                id=each["id"],
                receiver=each["subscription__name"],
                event_id=uuid,
                signal=signals.get(signal, "?"),
                key=each["key"],
                attempts=each["attempts"],
                kills=each["kills"],
                errors=json.loads(each["errors"]),
            )


def known(alias: str, ids: Collection[int]) -> set[int]:
    """Return which of some numbers are those of open deliveries."""
    rows = Delivery.objects.using(alias)
    return {pk for some in chunks(list(ids)) for pk in rows.filter(pk__in=some).values_list("pk", flat=True)}


def retry(
    alias: str, *, ids: Collection[int] | None = None, receiver: str | None = None, dry_run: bool = False
) -> Retried:
    """Try dead letters again, and those that wait for their time.

    Args:
        ids: numbers of deliveries; None for all.
        receiver: only those of this one.
        dry_run: change nothing, and return how many there are, as due.

    Raises:
        UnknownSubscriptionError: there is no such receiver.

    Guarantees:
        A dead letter has all its attempts before it again and keeps its errors; one that waits is due and keeps its
        attempts. Either waits behind an earlier event of its key that is open. What their partitions' owners have in
        hand at that moment is not committed.
    """
    rows = Delivery.objects.using(alias)
    if receiver is not None:
        rows = rows.filter(subscription=find(alias, receiver).pk)
    found = _selected(rows.filter(state__in=states_from(Happening.RETRIED)), ids)
    due = held = 0
    for subscription, numbers in found.items():
        if dry_run:
            due += len(numbers)
            continue
        for some in chunks(numbers):
            moved = _retry(alias, subscription, some)
            due += moved[Happening.RETRIED]
            held += moved[Happening.RETRIED_BEHIND]
    done = {number for numbers in found.values() for number in numbers}
    return Retried(due=due, held=held, left=_states(alias, [each for each in ids or () if each not in done]))


def reject(alias: str, ids: Collection[int]) -> Rejected:
    """Let open deliveries go: nothing is owed of their events any more.

    Guarantees:
        The next event of a key that was waiting goes on. One that is running at that moment is not committed.
    """
    count = released = 0
    for subscription, numbers in _selected(Delivery.objects.using(alias), ids).items():
        for some in chunks(numbers):
            gone, freed = _reject(alias, subscription, some)
            count += gone
            released += freed
    return Rejected(count=count, released=released)


def _selected(rows: Any, ids: Collection[int] | None) -> dict[int, list[int]]:
    """Return the numbers of deliveries by subscription, each in the order of positions."""
    some = [rows] if ids is None else [rows.filter(pk__in=each) for each in chunks(sorted(ids))]
    found: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for each in some:
        for number, subscription, position in each.values_list("pk", "subscription_id", "position"):
            found[subscription].append((position, number))
    return {subscription: [number for _, number in sorted(each)] for subscription, each in sorted(found.items())}


def _retry(alias: str, subscription: int, ids: Sequence[int]) -> Counter[Happening]:
    with changing(alias) as connection:
        partitions = hold(alias, subscription)
        rows = list(
            Delivery.objects.using(alias)
            .filter(pk__in=ids, state__in=states_from(Happening.RETRIED))
            .order_by("position")
        )
        if not rows:
            return Counter()
        let_go(connection, partitions, {row.spread for row in rows})
        ordering = ordering_of(receiver_of(alias, subscription))
        waiting = queues(alias, subscription, {row.key for row in rows if row.key is not None})
        moves: list[tuple[Standing, Happening]] = []
        wanted = {row.pk for row in rows}
        lone = [[Standing(row.position, row.pk, State(row.state))] for row in rows if row.key is None]
        for queue in [*waiting.values(), *lone]:
            marked = [each._replace(is_wanted=each.id in wanted) for each in queue]
            moves += arrange(marked, ordering, Happening.RETRIED, Happening.RETRIED_BEHIND)
        return apply(alias, moves)


def _reject(alias: str, subscription: int, ids: Sequence[int]) -> tuple[int, int]:
    with changing(alias) as connection:
        partitions = hold(alias, subscription)
        rows = Delivery.objects.using(alias).filter(pk__in=ids, state__in=states_from(Happening.LET_GO))
        found = list(rows)
        if not found:
            return 0, 0
        let_go(connection, partitions, {row.spread for row in found})
        count = rows._raw_delete(alias)  # without Django's signals: receivers of any sender would hear of it
        ordering = ordering_of(receiver_of(alias, subscription))
        moves: list[tuple[Standing, Happening]] = []
        for queue in queues(alias, subscription, {row.key for row in found if row.key is not None}).values():
            moves += arrange(queue, ordering, Happening.RETRIED, Happening.RETRIED_BEHIND)
        return count, apply(alias, moves)[Happening.RELEASED]


def _states(alias: str, ids: Sequence[int]) -> dict[int, State]:
    rows = Delivery.objects.using(alias)
    found = {
        pk: State(state) for some in chunks(ids) for pk, state in rows.filter(pk__in=some).values_list("pk", "state")
    }
    return {number: found.get(number, State.DONE) for number in ids}
