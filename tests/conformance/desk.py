"""What the tests of the operator's verbs share: subscriptions with their trouble, and a worker played by hand."""

from datetime import timedelta

from conformance.logs import recording, sequence
from django.db import connections
from django.db.models.functions import Now
from django.utils import timezone

from heliograph.delivery.decisions.spread import spread_of
from heliograph.delivery.declaration.options import DurableOptions
from heliograph.delivery.declaration.registry import DurableReceiver
from heliograph.delivery.operate import subscriptions
from heliograph.delivery.sql import postgresql, sqlite
from heliograph.log.entries import ALL
from heliograph.log.log import log_of
from heliograph.models import (
    Delivery,
    Partition,
    Subscription,
    SubscriptionName,
    SubscriptionSignal,
    Worker,
)

NAME = "shop.receivers.book"


class Desk:
    """One database, seen by whoever prepares a test."""

    def __init__(self, alias):
        self.alias = alias
        self.log = log_of(connections[alias])

    def subscribe(self, name=NAME, *, signals=("shop.sent",), count=1, position=0, aliases=()):
        """Make a subscription with its partitions."""
        subscription = Subscription.objects.using(self.alias).create(name=name)
        for each in (name, *aliases):
            SubscriptionName.objects.using(self.alias).create(name=each, subscription=subscription)
        for number in self.log.signals(signals).values():
            SubscriptionSignal.objects.using(self.alias).create(subscription=subscription, signal_id=number)
        for number in range(count):
            self.partition(subscription, number, count, position)
        return subscription

    def partition(self, subscription, number, count, position, until=None):
        """Make one partition."""
        return Partition.objects.using(self.alias).create(
            subscription=subscription, number=number, count=count, position=position, until=until
        )

    def send(self, *keys, signal="shop.sent"):
        """Append an event for each key, in transactions of their own, and return their positions."""
        number = self.log.signals([signal])[signal]
        before = self.log.last_position()
        for place, key in enumerate(keys):
            self.log.append([recording(place, key=key, signal=number)])
        sequence(self.log)
        entries = self.log.read([number], after=before, until=2**62, limit=100_000, share=ALL)
        return [entry.position for entry in entries]

    def pass_all(self, subscription):
        """Let a subscription have passed all there is."""
        self.partitions(subscription).update(position=self.log.last_position())

    def deliver(self, subscription, position, state, *, key=None, ordering="key", **more):
        """Write an open delivery of the event at a position, due in an hour."""
        (number,) = self.numbers(position)
        return Delivery.objects.using(self.alias).create(
            **{
                "subscription": subscription,
                "event_id": number,
                "position": position,
                "key": key,
                "spread": spread_of(key, position, ordering),
                "state": state,
                "due_at": timezone.now() + timedelta(hours=1),
                **more,
            }
        )

    def numbers(self, *positions):
        """The numbers of the events at some positions."""
        if connections[self.alias].vendor == "sqlite":
            return positions
        with connections[self.alias].cursor() as cursor:
            cursor.execute(
                "select event_id from heliograph_position where position = any(%s) order by position", [list(positions)]
            )
            return tuple(number for (number,) in cursor.fetchall())

    def partitions(self, subscription):
        return Partition.objects.using(self.alias).filter(subscription=subscription)

    def epochs(self, subscription):
        """The epochs of a subscription's partitions, by number."""
        return list(self.partitions(subscription).order_by("count", "number").values_list("epoch", flat=True))

    def states(self, subscription):
        """The open deliveries of a subscription: their states by position."""
        rows = Delivery.objects.using(self.alias).filter(subscription=subscription)
        return dict(rows.order_by("position").values_list("position", "state"))

    def due(self, subscription):
        """The positions of a subscription's deliveries that a worker would take now."""
        rows = Delivery.objects.using(self.alias).filter(subscription=subscription, state="retrying", due_at__lte=Now())
        return list(rows.order_by("position").values_list("position", flat=True))

    def events(self):
        """How many events the log has, and how many positions on PostgreSQL."""
        with connections[self.alias].cursor() as cursor:
            cursor.execute("select count(*) from heliograph_event")
            return cursor.fetchone()[0]

    def age(self, *positions, seconds=30 * 86400):
        """Let events have been sent long ago."""
        change = {
            "postgresql": "update heliograph_event set sent_at = sent_at - make_interval(secs => %s) where id = %s",
            "sqlite": "update heliograph_event set sent_at = strftime('%%Y-%%m-%%d %%H:%%M:%%f', sent_at, -%s || "
            "' seconds') where id = %s",
        }[connections[self.alias].vendor]
        with connections[self.alias].cursor() as cursor:
            for number in self.numbers(*positions):
                cursor.execute(change, [seconds, number])

    def worker(self, *, silent_seconds=0, state="running"):
        """Write a worker that has given its last sign some time ago."""
        last = timezone.now() - timedelta(seconds=silent_seconds)
        return Worker.objects.using(self.alias).create(
            host="web-1", pid=4711, started_at=last, heartbeat_at=last, state=state
        )


class Owner:
    """A worker's session that owns a partition, each of its statements guarded by the epoch that it knows."""

    def __init__(self, session, partition):
        self.session = session
        self.sql = postgresql if session.connection.vendor == "postgresql" else sqlite
        self.partition = partition
        self.epoch = partition.epoch

    def is_owner(self):
        return bool(self.session.execute(self.sql.FENCE, [self.partition.pk, self.epoch]))

    def claim(self, delivery):
        return self.is_owner() and self._moved(self.sql.CLAIM, [delivery.pk])

    def finish(self, delivery):
        return self.is_owner() and self._moved(self.sql.FINISH, [delivery.pk])

    def move(self, position):
        return self._moved(self.sql.MOVE, [position, self.partition.pk, self.epoch])

    def _moved(self, statement, given):
        with self.session.connection.cursor() as cursor:
            cursor.execute(statement, given)
            return cursor.rowcount > 0


def declare(monkeypatch, *names, aliases=(), **options):
    """Let receivers be declared under some names, and no others."""

    def function(**named): ...

    receivers = [
        DurableReceiver(
            name=name,
            function=function,
            options=DurableOptions(aliases=tuple(aliases), **options),
            place="shop/receivers.py:7",
            signals=(),
        )
        for name in names
    ]
    monkeypatch.setattr(subscriptions, "durable_receivers", lambda: receivers)
