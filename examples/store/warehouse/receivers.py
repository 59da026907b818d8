"""Stock goes out with an order and comes back when an order, or a line of it, is deleted."""

import logging
from typing import Any

from django.db.models import F
from django.db.models.signals import post_delete
from heliograph import receiver

from store.models import Order, OrderItem, Product
from store.signals import customer_order_created

log = logging.getLogger(__name__)


class OutOfStockError(Exception):
    """There is less in stock than was ordered."""


@receiver(customer_order_created)
def take_stock(sender: type, order: Order, **kwargs: Any) -> None:
    """Take each line's quantity out of stock, in the order's own transaction."""
    # In the order of the products' keys, as everyone who locks several of them.
    for item in order.items.select_related("product").order_by("product_id"):
        in_stock = Product.objects.filter(pk=item.product_id, stock__gte=item.quantity)
        if not in_stock.update(stock=F("stock") - item.quantity):
            raise OutOfStockError(f"{order}: fewer than {item.quantity} of {item.product} are left.")
        log.info("%s taken for %s", item, order)


@receiver(post_delete, sender=OrderItem)
def return_stock(sender: type, instance: OrderItem, **kwargs: Any) -> None:
    """Put a deleted line's quantity back."""
    Product.objects.filter(pk=instance.product_id).update(stock=F("stock") + instance.quantity)
    log.info("%s put back", instance)
