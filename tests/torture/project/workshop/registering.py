"""Processes register at the same moment, in every way: ``python -m workshop.registering ROUNDS``.

Prints one JSON object for each round: which processes have failed, subscriptions, partitions, whether it was drained.
"""

import json
import os
import sys
import time

import django

DRAIN_SECONDS = 60


def main(rounds):
    from django.db import transaction

    from heliograph.delivery.registration.register import register
    from heliograph.delivery.registration.subscribing import Way
    from workshop.signals import send, send_alone
    from workshop.storm import drain

    def send_and_roll_back(number):
        with transaction.atomic():
            send(f"never {number}")
            transaction.set_rollback(True)

    for number in range(rounds):
        forget_all()
        ways = [
            lambda: register("default", Way.MIGRATE),
            lambda: register("default", Way.WORKER),
            lambda number=number: send_alone(f"one of {number}"),
            lambda number=number: send_alone(f"two of {number}"),
            lambda number=number: send_and_roll_back(number),
        ]
        failed = at_the_same_moment(ways)
        print(
            json.dumps({"failed": failed, **registered(), "drained": drain(time.monotonic() + DRAIN_SECONDS)}),
            flush=True,
        )


def at_the_same_moment(ways):
    """Run functions in a process each, let go together; return the numbers of those that fail."""
    from django.db import connection

    from workshop.forks import Fork

    entrance, gate = os.pipe()
    counted, bell = os.pipe()

    def enter(way):
        os.close(gate)
        connection.ensure_connection()
        os.write(bell, b".")
        os.read(entrance, 1)  # until the other end is closed
        way()

    forks = [Fork(lambda way=way: enter(way)) for way in ways]
    for _ in forks:
        os.read(counted, 1)
    for end in (gate, entrance, counted, bell):
        os.close(end)
    return [number for number, fork in enumerate(forks) if not fork.ends_within(60) or fork.status]


def forget_all():
    """Leave a database in which nothing is registered."""
    from heliograph.models import Partition, Subscription, SubscriptionName, SubscriptionSignal

    for model in (Partition, SubscriptionName, SubscriptionSignal, Subscription):
        model.objects.all().delete()


def registered():
    """Tell what a database has."""
    from heliograph.models import Partition, Subscription

    names = Subscription.objects.order_by("name").values_list("name", flat=True)
    return {"subscriptions": list(names), "partitions": Partition.objects.count()}


if __name__ == "__main__":
    django.setup()
    main(int(sys.argv[1]))
