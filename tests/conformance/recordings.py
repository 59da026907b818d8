"""What the tests of recording share: signals, durable receivers to connect, and what has been recorded."""

import contextlib
import json

from django.db import transaction

from heliograph import Signal, receiver
from heliograph.events.current import handled, handling
from heliograph.models import Event, Partition, Subscription

opened = Signal(name="gallery.opened")
closed = Signal(name="gallery.closed")


def first(**kwargs):
    """A durable receiver."""


def second(**kwargs):
    """Another one."""


def third(**kwargs):
    """A third one."""


@contextlib.contextmanager
def durable(signals, function=first, **options):
    """Have a function connected as a durable receiver meanwhile."""
    signals = signals if isinstance(signals, list) else [signals]
    receiver(signals, durable=True, **options)(function)
    try:
        yield
    finally:
        for signal in signals:
            signal.disconnect(function, sender=options.get("sender"))


@contextlib.contextmanager
def being_handled(event):
    """Have an event handled by a durable receiver meanwhile."""
    token = handling(lambda: event)
    try:
        yield
    finally:
        handled(token)


def recorded(alias):
    """The events in a database, in the order of being written."""
    return list(Event.objects.using(alias).order_by("pk"))


def recorded_arguments(alias):
    """What was sent with these events."""
    return [arguments(event) for event in recorded(alias)]


def arguments(event):
    """What was sent with an event."""
    return _read(event.payload)


def headers(event):
    """The headers of an event."""
    return _read(event.headers or "{}")


def _read(written):
    return json.loads(written) if isinstance(written, str) else written  # PostgreSQL's driver reads JSON itself


def subscriptions(alias):
    """The subscriptions of a database: for each its names and the signals that it reads."""
    return {
        each.name: (
            sorted(each.names.values_list("name", flat=True)),
            sorted(each.signals.values_list("signal__name", flat=True)),
        )
        for each in Subscription.objects.using(alias)
    }


def partitions(alias, name):
    """The partitions of a subscription: number, count, position, end, epoch."""
    found = Partition.objects.using(alias).filter(subscription__name=name).order_by("count", "number")
    return list(found.values_list("number", "count", "position", "until", "epoch"))


def send(signal, alias, **named):
    """Send a signal in a transaction of its own."""
    with transaction.atomic(using=alias):
        signal.send(None, using=alias, **named)
