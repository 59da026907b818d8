"""Taking away a subscription that nobody reads any more."""

from __future__ import annotations

from dataclasses import dataclass

from heliograph.delivery.operate.changing import changing, hold
from heliograph.delivery.operate.subscriptions import find, receiver_of
from heliograph.errors import SubscriptionInUseError
from heliograph.models import Delivery, Partition, Subscription, SubscriptionName, SubscriptionSignal


@dataclass(frozen=True, slots=True, kw_only=True)
class Dropped:
    """What has gone with a subscription.

    Attributes:
        deliveries: its open deliveries, dead letters among them.
    """

    name: str
    deliveries: int


def drop(alias: str, name: str) -> Dropped:
    """Take away an orphaned subscription with all that is owed to it.

    Raises:
        SubscriptionInUseError: its receiver is declared in this process.
        UnknownSubscriptionError: there is none of that name.

    Guarantees:
        All of it or nothing. An owner that is left somewhere commits nothing any more.
    """
    subscription = find(alias, name)
    if receiver := receiver_of(alias, subscription.pk):
        raise SubscriptionInUseError(
            f"{subscription.name} is not orphaned: its receiver is at {receiver.place}. Take away durable=True or the "
            f"receiver and deploy, then drop it. To stop it for a while: manage.py signals pause {subscription.name}"
        )
    number = subscription.pk
    with changing(alias):
        # The whole row, and first: an owner that writes a delivery holds it before it comes to its partition.
        list(Subscription.objects.using(alias).select_for_update().filter(pk=number))
        hold(alias, number)
        deliveries = Delivery.objects.using(alias).filter(subscription=number)._raw_delete(alias)
        for model in (Partition, SubscriptionSignal, SubscriptionName):
            model._default_manager.using(alias).filter(subscription=number)._raw_delete(alias)
        Subscription.objects.using(alias).filter(pk=number)._raw_delete(alias)
    return Dropped(name=subscription.name, deliveries=deliveries)
