"""How the durable receivers and the workers of a database are doing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

from django.db import connections
from django.db.models import Count, Min, Q

from heliograph.delivery.decisions.states import State
from heliograph.delivery.declaration.registry import DurableReceiver
from heliograph.delivery.operate.sequencing import sequence_committed
from heliograph.delivery.operate.subscriptions import ordering_of, receivers
from heliograph.delivery.session.machine import host, is_running
from heliograph.delivery.sql.operating import WORKERS
from heliograph.log.backlog import Backlog, ages, backlog
from heliograph.log.entries import Share
from heliograph.log.execute import rows
from heliograph.models import Delivery, Partition, Subscription, SubscriptionSignal
from heliograph.settings import options

#: Up to here events are counted.
COUNTED = 10_000

#: So many events are looked at for one partition, most of which may be those of others.
_LOOKED_AT = 100_000

_END = 2**62


@dataclass(frozen=True, slots=True)
class _Row:
    """A partition as it is stored."""

    subscription: int
    number: int
    count: int
    position: int
    until: int | None
    worker: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PartitionStatus:
    """One partition. ``owner`` is ``host:pid``; None while nobody has it."""

    number: int
    count: int
    position: int
    owner: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SubscriptionStatus:
    """One durable receiver.

    Attributes:
        state: active, paused or orphaned: its receiver is not in the code of this process.
        lag: events that it has not come to yet.
        lag_is_estimate: there are at least so many; counting has stopped.
        oldest_seconds: age of the oldest event that it has not come to or that has an open delivery; None for none.
        retrying: deliveries that wait for their time, or are being tried.
        held: deliveries that wait for an earlier event of their key.
        dead: dead letters.
    """

    name: str
    state: str
    lag: int
    lag_is_estimate: bool
    oldest_seconds: float | None
    retrying: int
    held: int
    dead: int
    partitions: list[PartitionStatus]


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerStatus:
    """One worker. It is gone without a sign for ``LEASE_SECONDS``, or a process on this machine that is no more."""

    host: str
    pid: int
    state: str
    seconds_since_heartbeat: float
    partitions: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """A database's durable receivers, by name, and its workers."""

    subscriptions: list[SubscriptionStatus]
    workers: list[WorkerStatus]

    def problems(self) -> list[str]:
        """Return what somebody has to do something about, with the remedy."""
        found = []
        for each in self.subscriptions:
            if each.dead:
                found.append(
                    f"{each.name} has {each.dead} dead letter{'s' if each.dead > 1 else ''}. See them: "
                    "manage.py signals dead. Then retry or reject them."
                )
            if each.state == "orphaned":
                found.append(
                    f"{each.name} is orphaned: no receiver of that name is declared here, and its events are kept. "
                    f"Bring it back, or name it in aliases= of the receiver it has become, or: "
                    f"manage.py signals drop {each.name}"
                )
        if any(each.state == "active" and (each.lag or each.retrying) for each in self.subscriptions) and not any(
            each.state != "gone" for each in self.workers
        ):
            found.append("No worker is alive, and events wait. Start one: manage.py signals worker")
        return found


def status(alias: str) -> Status:
    """Return how the durable receivers and the workers of a database are doing.

    Guarantees:
        What has been committed is counted, where its position can be given; see ``sequence_committed``.
    """
    connection = connections[alias]
    sequence_committed(connection)
    subscriptions = Subscription.objects.using(alias).order_by("name")
    stored = Partition.objects.using(alias).order_by("subscription_id", "count", "number")
    partitions = [_Row(*each) for each in stored.values_list(*(field.name for field in fields(_Row)))]
    workers = rows(connection, WORKERS[connection.vendor])
    owners = {number: f"{_machine(at)}:{pid}" for number, at, pid, *_ in workers}
    look = _Look(connection, receivers(alias), partitions, owners)
    return Status(
        subscriptions=[look.at(each) for each in subscriptions],
        workers=[_worker(row, partitions) for row in workers],
    )


class _Look:
    """One look at all subscriptions of a database."""

    def __init__(
        self,
        connection: Any,
        receivers: Mapping[int, DurableReceiver],
        partitions: Sequence[_Row],
        owners: Mapping[int, str],
    ) -> None:
        alias = connection.alias
        self._connection = connection
        self._receivers = receivers
        self._partitions = partitions
        self._owners = owners
        self._signals: dict[int, list[int]] = {}
        for subscription, signal in SubscriptionSignal.objects.using(alias).values_list("subscription_id", "signal_id"):
            self._signals.setdefault(subscription, []).append(signal)
        deliveries = (
            Delivery.objects.using(alias)
            .values("subscription_id")
            .annotate(
                retrying=Count("id", filter=Q(state__in=[State.RETRYING, State.RUNNING])),
                held=Count("id", filter=Q(state=State.HELD)),
                dead=Count("id", filter=Q(state=State.DEAD)),
                event=Min("event_id"),
            )
        )
        self._deliveries = {row["subscription_id"]: row for row in deliveries}

    def at(self, subscription: Subscription) -> SubscriptionStatus:
        number = subscription.pk
        receiver = self._receivers.get(number)
        mine = [each for each in self._partitions if each.subscription == number]
        backlogs = [self._backlog(each, ordering_of(receiver)) for each in mine]
        lag = sum(each.count for each in backlogs)
        open_ones = self._deliveries.get(number, {})
        firsts = [each.first for each in backlogs] + [open_ones.get("event")]
        seconds = ages(self._connection, [each for each in firsts if each is not None])
        return SubscriptionStatus(
            name=subscription.name,
            state="orphaned" if receiver is None else "paused" if subscription.paused else "active",
            lag=min(lag, COUNTED),
            lag_is_estimate=lag > COUNTED or not all(each.is_complete for each in backlogs),
            oldest_seconds=round(max(0.0, *seconds.values()), 3) if seconds else None,
            retrying=open_ones.get("retrying", 0),
            held=open_ones.get("held", 0),
            dead=open_ones.get("dead", 0),
            partitions=[
                PartitionStatus(
                    number=each.number,
                    count=each.count,
                    position=each.position,
                    owner=self._owners.get(each.worker or 0),
                )
                for each in mine
            ],
        )

    def _backlog(self, partition: _Row, ordering: str) -> Backlog:
        return backlog(
            self._connection,
            signals=self._signals.get(partition.subscription, []),
            after=partition.position,
            until=_END if partition.until is None else partition.until,
            share=Share(number=partition.number, count=partition.count, by_key=ordering != "none"),
            limit=min((COUNTED + 1) * partition.count, _LOOKED_AT),
        )


def _worker(row: Sequence[Any], partitions: Sequence[_Row]) -> WorkerStatus:
    number, at, pid, state, silent_seconds = row
    is_gone = silent_seconds > options().LEASE_SECONDS or (at == host() and not is_running(pid))
    return WorkerStatus(
        host=_machine(at),
        pid=pid,
        state="gone" if is_gone else state,
        seconds_since_heartbeat=round(max(0.0, silent_seconds), 3),
        partitions=sum(1 for each in partitions if each.worker == number),
    )


def _machine(at: str) -> str:
    """Return a host without what tells one boot of it, or one of its containers, from another."""
    return at.split(" ")[0]
