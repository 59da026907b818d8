"""Who is to be called for which sender, worked out once after each change."""

from __future__ import annotations

import functools
import weakref
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import repeat
from typing import Any, TypeAlias

from heliograph.dispatch.binding import Guard, Receiver, Via
from heliograph.dispatch.entries import Entry
from heliograph.dispatch.identity import ANYONE, Identity, identify
from heliograph.dispatch.recorder import Recorder

#: One receiver to call: a function that returns it (None once it is gone), its way of calling, its guard.
Target: TypeAlias = "tuple[Callable[[], Receiver | None], Via | None, Guard | None]"


@dataclass(frozen=True, slots=True)
class Plan:
    """The receivers for one sender, in the order of connecting.

    Attributes:
        sync: called first, one after another.
        asynchronous: called after those, together.
        guard: the guard of any of them; None if none has one.
        recorder: what is handed the sending before them; None if none of them is to be recorded for.
    """

    sync: tuple[Target, ...]
    asynchronous: tuple[Target, ...]
    guard: Guard | None
    recorder: Recorder | None = None

    def without(self, unwanted: Callable[[object], bool]) -> Plan:
        """Return the plan without the receivers that are unwanted."""
        return replace(
            self,
            sync=tuple(target for target in self.sync if not unwanted(target[0]())),
            asynchronous=tuple(target for target in self.asynchronous if not unwanted(target[0]())),
            recorder=None if self.recorder is None else self.recorder.without(unwanted),
        )

    def calling(self, sync: Iterable[Receiver], asynchronous: Iterable[Receiver]) -> Plan:
        """Return the plan with other callables in place of the receivers, called as they are."""
        return replace(
            self,
            sync=tuple((repeat(receiver).__next__, None, self.guard) for receiver in sync),
            asynchronous=tuple((repeat(receiver).__next__, None, self.guard) for receiver in asynchronous),
        )


EMPTY = Plan((), (), None)


def plan(entries: list[Entry]) -> Plan:
    """Return the plan of entries that all listen to one sender."""
    targets = [(entry[3], _target(entry)) for entry in entries]
    return Plan(
        tuple(target for is_async, target in targets if not is_async),
        tuple(target for is_async, target in targets if is_async),
        next((guard for _, (_, _, guard) in targets if guard is not None), None),
        _recorder(entries),
    )


def _recorder(entries: list[Entry]) -> Recorder | None:
    wanting = [
        (entry.binding.record, _resolve(entry), entry.binding.name or "")
        for entry in entries
        if entry.binding.record is not None
    ]
    if not wanting:
        return None
    return Recorder(wanting[0][0], tuple((resolve, name) for _, resolve, name in wanting))


def _target(entry: Entry) -> Target:
    return _resolve(entry), entry.binding.via, entry.binding.guard


def _resolve(entry: Entry) -> Callable[[], Receiver | None]:
    receiver: Any = entry[1]
    return receiver if isinstance(receiver, weakref.ReferenceType) else repeat(receiver).__next__


def callables(targets: Sequence[Target]) -> list[Receiver]:
    """Return what calls each receiver that still lives, in its own way."""
    receivers = [(receiver, via) for resolve, via, _ in targets if (receiver := resolve()) is not None]
    return [receiver if via is None else _InItsWay(receiver, via) for receiver, via in receivers]


class _InItsWay:
    """A receiver with its way of calling, as one callable that bears the receiver's name."""

    def __init__(self, receiver: Receiver, via: Via) -> None:
        functools.update_wrapper(self, receiver)
        self._receiver = receiver
        self._via = via

    def __call__(self, **named: Any) -> Any:
        return self._via(self._receiver, named)


class Index:
    """The plans of a signal by sender, until its connections change; then another one takes its place.

    It is filled without a lock: a change puts a new, empty index in place, so what an old one still gathers is
    never looked at again, and two threads that fill the same one write the same.

    Attributes:
        table: plans by the id of the sender, and the plan for every other sender. A plan that is None has to be
            asked for with ``resolve``; one with a recorder always, so that a sending without has nothing to look at.
    """

    __slots__ = ("_groups", "table")

    def __init__(self) -> None:
        self.table: tuple[dict[Identity, Plan | None], Plan | None] = ({}, None)
        self._groups: _Groups | None = None

    def resolve(self, sender: object, entries: Callable[[], list[Entry]], changed: Callable[[], None]) -> Plan:
        """Return the plan for a sender, remembering it where it may be looked up by id.

        Args:
            sender: what the signal is sent from.
            entries: gives the signal's entries; called after this index came into its place.
            changed: to be called when the sender of a remembered plan is gone.
        """
        groups = self._groups
        if groups is None:
            groups = self._groups = _Groups(entries())
            self.table = groups.table()
        return groups.plan_for(sender, self.table[0], changed)


class AskedIndex(Index):
    """The plans of a signal that has to be asked at each send: its table has none."""

    __slots__ = ()

    def resolve(self, sender: object, entries: Callable[[], list[Entry]], changed: Callable[[], None]) -> Plan:
        return _Groups(entries()).plan_for(sender, {}, changed)


class _Groups:
    """The entries by what they say about senders, each with its place in the order of connecting."""

    def __init__(self, entries: list[Entry]) -> None:
        self._anyone: list[tuple[int, Entry]] = []
        self._families: list[tuple[int, Entry]] = []
        self._by_sender: dict[Identity, list[tuple[int, Entry]]] = {}
        self._watches: list[weakref.ref[object]] = []
        self._recording: dict[Identity, Plan] = {}
        for place, entry in enumerate(entries):
            if not entry.is_dead:
                self._group_of(entry).append((place, entry))
        self._others = plan([entry for _, entry in self._anyone]) if self._anyone else EMPTY

    def _group_of(self, entry: Entry) -> list[tuple[int, Entry]]:
        sender: Identity = entry[0][1]
        if sender == ANYONE:
            return self._anyone
        if entry.binding.subclasses:
            return self._families
        return self._by_sender.setdefault(sender, [])

    def table(self) -> tuple[dict[Identity, Plan | None], Plan | None]:
        # A family's members and bound methods are not known by their id alone: then every other sender is asked for.
        by_id_alone = not self._families and all(isinstance(sender, int) for sender in self._by_sender)
        return dict.fromkeys(self._by_sender), self._others if by_id_alone and self._others.recorder is None else None

    def plan_for(self, sender: object, plans: dict[Identity, Plan | None], changed: Callable[[], None]) -> Plan:
        key = identify(sender)
        if (known := self._recording.get(key)) is not None:
            return known
        own = self._by_sender.get(key, [])
        if self._families and isinstance(sender, type):
            own = own + [placed for placed in self._families if _is_subclass(sender, placed[1][2]())]
            self._watches.append(weakref.ref(sender, lambda _: changed()))
        elif not own:
            return self._others
        made = plan([entry for _, entry in sorted(self._anyone + own, key=_place)])
        if made.recorder is None:
            plans[key] = made
        else:
            self._recording[key] = made
        return made


def _place(placed: tuple[int, Entry]) -> int:
    return placed[0]


def _is_subclass(sender: type, base: type | None) -> bool:
    return base is not None and issubclass(sender, base)
