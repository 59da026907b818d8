"""Writing the subscriptions of receivers into a database."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum
from typing import Any

from heliograph.delivery.sql import registration as sql
from heliograph.log.execute import moved, rows
from heliograph.log.log import log_of

logger = logging.getLogger("heliograph.registration")


class Way(Enum):
    """How a registration comes about: the operator's ``migrate``, the start of a worker, the first send."""

    MIGRATE = "migrate"
    WORKER = "worker"
    SEND = "send"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """The subscription that a receiver is to have.

    Attributes:
        name: the receiver's.
        aliases: names that it had.
        signals: names of its signals, former ones included.
        partitions: how many.
        from_beginning: whether a new one starts at the beginning of the log, else behind its end.
    """

    name: str
    aliases: tuple[str, ...]
    signals: tuple[str, ...]
    partitions: int
    from_beginning: bool


def subscribe(connection: Any, wanted: Iterable[Wanted], way: Way) -> None:
    """Let a database have the subscriptions of some receivers.

    Args:
        connection: in a transaction, which holds up other registrations until its end.
    """
    writing, receivers = _Writing(connection, way), list(wanted)
    writing.lock()
    writing.number_signals({signal for each in receivers for signal in each.signals})
    for each in receivers:
        number, is_new = writing.find_or_make(each)
        writing.set_signals(number, each)
        if is_new:
            writing.make_partitions(number, each)
        elif way is not Way.SEND:
            writing.set_partitions(number, each.partitions)


class _Writing:
    """One registration."""

    def __init__(self, connection: Any, way: Way) -> None:
        self._connection = connection
        self._way = way
        self._log = log_of(connection)
        self._signals: dict[str, int] = {}

    def lock(self) -> None:
        moved(self._connection, sql.LOCK[self._connection.vendor])

    def number_signals(self, names: set[str]) -> None:
        self._signals = self._log.signals(sorted(names))

    def find_or_make(self, wanted: Wanted) -> tuple[int, bool]:
        """Return the number of a receiver's subscription, under all its names from now on, and whether it is new."""
        known = {name: (number, own) for name, number, own in rows(self._connection, sql.SUBSCRIPTIONS)}
        found = next((known[name] for name in (wanted.name, *wanted.aliases) if name in known), None)
        number = found[0] if found else self._make(wanted.name)
        if found and found[1] in wanted.aliases:
            # Code that does not know the new name keeps finding it by the former, and leaves the new one alone.
            moved(self._connection, sql.RENAME, [wanted.name, number])
        for name in (wanted.name, *wanted.aliases):
            if name not in known:
                moved(self._connection, sql.ADD_NAME, [name, number])
            elif known[name][0] != number:
                self._tell_of_two(wanted.name, name)
        return number, found is None

    def set_signals(self, number: int, wanted: Wanted) -> None:
        now = {signal for (signal,) in rows(self._connection, sql.SIGNALS, [number])}
        then = {self._signals[name] for name in wanted.signals}
        for signal in sorted(then - now):
            moved(self._connection, sql.ADD_SIGNAL, [number, signal])
        if then - now:
            # An owner that does not read them would move on past their events.
            moved(self._connection, sql.END_OWNERSHIP, [number])
        if self._way is Way.MIGRATE:  # while a deploy rolls, older code may still send what newer code does not hear
            for signal in sorted(now - then):
                moved(self._connection, sql.DROP_SIGNAL, [number, signal])

    def set_partitions(self, number: int, count: int) -> None:
        """Change the number of partitions, unless that is being done already."""
        now = rows(self._connection, sql.PARTITIONS[self._connection.vendor], [number])
        if any(until is not None for _, until in now) or {each for each, _ in now} == {count}:
            return
        # Read behind the lock on the partitions: no owner has gone further.
        barrier = self._log.last_position()
        moved(self._connection, sql.END_PARTITIONS, [barrier, number])
        self._add_partitions(number, count, barrier)

    def make_partitions(self, number: int, wanted: Wanted) -> None:
        """Let a new subscription begin where its receiver says."""
        self._add_partitions(number, wanted.partitions, 0 if wanted.from_beginning else self._log.last_position())

    def _make(self, name: str) -> int:
        moved(self._connection, sql.SUBSCRIBE, [name])
        ((number,),) = rows(self._connection, sql.SUBSCRIPTION, [name])
        return int(number)

    def _add_partitions(self, number: int, count: int, position: int) -> None:
        for each in range(count):
            moved(self._connection, sql.ADD_PARTITION, [number, each, count, position])

    def _tell_of_two(self, name: str, former: str) -> None:
        logger.error(
            "%s and %s, a name that it had, are two subscriptions of database %r: both are kept, and events that came "
            "to the latter wait. Once they are not needed: manage.py signals drop %s",
            name,
            former,
            self._connection.alias,
            former,
        )
