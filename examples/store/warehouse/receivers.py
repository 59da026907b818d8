"""Stock: what may be sold changes with the order, in its transaction; the stock book follows behind the commit."""

import logging
from typing import Any

from django.db.models import F
from heliograph import receiver

from store.models import Order, OrderItem, Product
from store.signals import customer_order_created, order_items_returned
from warehouse.models import StockMovement

log = logging.getLogger(__name__)


class OutOfStockError(Exception):
    """There is less in stock than was ordered."""


@receiver(customer_order_created)
def reserve_stock(sender: type, order: Order, items: list[OrderItem], **kwargs: Any) -> None:
    """Take the items out of what may be sold. Not durable: it cannot wait, or the last one would be sold twice."""
    # In the order of the products' keys, as everyone who locks several of them.
    for item in sorted(items, key=lambda item: item.product_id):
        in_stock = Product.objects.filter(pk=item.product_id, stock__gte=item.quantity)
        if not in_stock.update(stock=F("stock") - item.quantity):
            raise OutOfStockError(f"{order}: fewer than {item.quantity} of {item.product} are left.")
        log.info("%s reserved for %s", item, order)


@receiver(order_items_returned)
def release_stock(sender: type, order: Order, items: list[OrderItem], **kwargs: Any) -> None:
    """Put the items back among what may be sold."""
    for item in items:
        Product.objects.filter(pk=item.product_id).update(stock=F("stock") + item.quantity)
        log.info("%s of %s put back", item, order)


# All that it does is write rows here: up to 100 events share a commit.
@receiver([customer_order_created, order_items_returned], durable=True, batch=100)
def keep_stock_book(signal: Any, sender: type, order: Order, items: list[OrderItem], **kwargs: Any) -> None:
    """Write down what leaves the warehouse and what comes back."""
    direction = -1 if signal is customer_order_created else 1
    StockMovement.objects.bulk_create(
        StockMovement(product_id=item.product_id, order_number=order.pk, quantity=direction * item.quantity)
        for item in items
    )
    log.info("%s is in the stock book (lines: %d)", order, len(items))
