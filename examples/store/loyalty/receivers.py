"""Points are booked behind the commit; nobody waits for them to be told that the order is placed."""

import logging
from typing import Any

from heliograph import receiver

from loyalty.models import PointsAccount
from store.models import Order, OrderItem
from store.signals import customer_order_created, order_items_returned

log = logging.getLogger(__name__)


# One receiver of both signals: points that are taken back were booked before.
@receiver([customer_order_created, order_items_returned], durable=True, partitions=2)
def book_points(signal: Any, sender: type, order: Order, items: list[OrderItem], **kwargs: Any) -> None:
    """Book a point for each whole euro of each item, or take the points of what is returned back.

    The events of one customer come one after the other, as the customer is their key. So the balance can be read,
    added to and written without a lock; those of another customer may run at the same time in the other partition.
    """
    points = sum(int(item.total) for item in items)
    if signal is order_items_returned:
        points = -points
    account, _ = PointsAccount.objects.get_or_create(customer_id=order.customer_id)
    account.points += points
    account.save(update_fields=["points"])
    account.entries.create(order_number=order.pk, points=points, balance=account.points)
    log.info("%+d points for %s, which makes %d", points, order, account.points)
