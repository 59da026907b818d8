"""Taking away a subscription that nobody reads any more."""

from __future__ import annotations

from dataclasses import dataclass

from heliograph.delivery.operate.changing import changing, hold
from heliograph.delivery.operate.status import status
from heliograph.delivery.operate.subscriptions import find, receiver_of
from heliograph.errors import SubscriptionInUseError
from heliograph.models import Delivery, Partition, Subscription, SubscriptionName, SubscriptionSignal


@dataclass(frozen=True, slots=True, kw_only=True)
class Dropped:
    """What has gone with a subscription.

    Attributes:
        lag: events that it had not come to.
        lag_is_estimate: there were at least so many.
        deliveries: its open deliveries, dead letters among them.
    """

    name: str
    lag: int
    lag_is_estimate: bool
    deliveries: int


def drop(alias: str, name: str) -> Dropped:
    """Take away an orphaned subscription with all that is owed to it.

    Raises:
        SubscriptionInUseError: its receiver is declared in this process.
        UnknownSubscriptionError: there is none of that name.

    Guarantees:
        An owner that is left somewhere commits nothing any more. What is broken off can be made again.
    """
    subscription = find(alias, name)
    if receiver := receiver_of(alias, subscription.pk):
        raise SubscriptionInUseError(
            f"{subscription.name} is not orphaned: its receiver is at {receiver.place}. Take away durable=True or the "
            f"receiver and deploy, then drop it. To stop it for a while: manage.py signals pause {subscription.name}"
        )
    number = subscription.pk
    (owed,) = (each for each in status(alias).subscriptions if each.name == subscription.name)
    deliveries = 0
    # In two steps: owners in the middle of a transaction may hold the subscription while they wait for a partition.
    with changing(alias):
        hold(alias, number)
        for model in (Partition, SubscriptionSignal):
            model._default_manager.using(alias).filter(subscription=number)._raw_delete(alias)
        deliveries += Delivery.objects.using(alias).filter(subscription=number)._raw_delete(alias)
    with changing(alias):
        # Whoever still writes a delivery holds this row until it finds that its partition is gone.
        list(Subscription.objects.using(alias).select_for_update().filter(pk=number))
        deliveries += Delivery.objects.using(alias).filter(subscription=number)._raw_delete(alias)
        SubscriptionName.objects.using(alias).filter(subscription=number)._raw_delete(alias)
        Subscription.objects.using(alias).filter(pk=number)._raw_delete(alias)
    return Dropped(name=subscription.name, lag=owed.lag, lag_is_estimate=owed.lag_is_estimate, deliveries=deliveries)
