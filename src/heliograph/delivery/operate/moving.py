"""Deliveries in the database: the queues of keys, and moving what stands in them."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any, TypeVar

from django.db.models import F, Min
from django.db.models.functions import Now

from heliograph.delivery.decisions.states import Happening, State, states_from
from heliograph.delivery.operate.queues import Standing
from heliograph.models import Delivery

#: So many rows are changed in one transaction. SQLite, in its oldest versions, takes 999 parameters.
CHUNK = 500

_DUE = {"state": State.RETRYING.value, "due_at": Now()}
_AFRESH = {"attempts": 0, "kills": 0}

#: What is written when something happens; a dead delivery that is tried again has its attempts before it, and keeps
#: the errors of those that it had.
_CHANGES: Mapping[Happening, Mapping[str, Any]] = {
    Happening.INTERRUPTED: {**_DUE, "attempts": F("attempts") - 1},
    Happening.KEY_TROUBLED: {"state": State.HELD.value},
    Happening.RETRIED_BEHIND: {"state": State.HELD.value, **_AFRESH},
    Happening.REPLAYED_BEHIND: {"state": State.HELD.value, **_AFRESH},
    Happening.RETRIED: _DUE,
    Happening.REPLAYED: {**_DUE, **_AFRESH},
    Happening.RELEASED: _DUE,
}

_T = TypeVar("_T")


def chunks(values: Sequence[_T]) -> Iterator[Sequence[_T]]:
    """Give values in portions for one transaction each."""
    for start in range(0, len(values), CHUNK):
        yield values[start : start + CHUNK]


def queues(alias: str, subscription: int, keys: Collection[str]) -> dict[str, list[Standing]]:
    """Return what stands in the queues of keys: all that is retrying, running or dead, and the first that is held."""
    rows = Delivery.objects.using(alias).filter(subscription=subscription)
    of_keys = rows.filter(key__in=keys)
    first = of_keys.filter(state=State.HELD).values_list("key").annotate(first=Min("position"))
    held = rows.filter(state=State.HELD, position__in=[position for _, position in first])
    others = of_keys.filter(state__in=[State.RETRYING, State.RUNNING, State.DEAD])
    found: dict[str, list[Standing]] = defaultdict(list)
    for some in (held, others):
        for key, position, number, state in some.values_list("key", "position", "pk", "state"):
            found[key].append(Standing(position, number, State(state)))
    return found


def apply(alias: str, moves: Iterable[tuple[Standing, Happening]]) -> Counter[Happening]:
    """Move deliveries that have a row, and return how many of them each happening has moved.

    Guarantees:
        None is moved from a state in which that cannot happen.
    """
    by_happening: dict[Happening, list[int]] = defaultdict(list)
    for standing, happening in moves:
        if standing.id is not None:
            by_happening[happening].append(standing.id)
    moved: Counter[Happening] = Counter()
    for happening, changes in _CHANGES.items():  # an interrupted one is moved on from where that leaves it
        for ids in chunks(by_happening[happening]):
            moved[happening] += _move(alias, ids, happening, changes)
    return moved


def _move(alias: str, ids: Sequence[int], happening: Happening, changes: Mapping[str, Any]) -> int:
    rows = Delivery.objects.using(alias).filter(pk__in=ids, state__in=states_from(happening))
    if happening is Happening.RETRIED:
        rows.filter(state=State.DEAD).update(**_AFRESH)
    return rows.update(**changes)
