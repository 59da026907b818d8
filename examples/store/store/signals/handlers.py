"""What the store itself does when its rows change, whoever changes them: the API, the admin or a shell."""

import logging
from typing import Any

from django.conf import settings
from django.db.models import ProtectedError
from django.db.models.signals import post_delete, post_save, pre_delete, pre_save
from django.utils import timezone
from heliograph import receiver

from store.models import Customer, Order, OrderItem
from store.signals import order_items_returned

log = logging.getLogger(__name__)


@receiver([post_save], sender=settings.AUTH_USER_MODEL)
def create_customer(sender: type, instance: Any, created: bool, raw: bool, **kwargs: Any) -> None:
    """Make the customer of a new user; a fixture (`raw`) brings its own."""
    if created and not raw:
        customer = Customer.objects.create(user=instance)
        log.info("customer %s made for %s", customer.pk, instance)


@receiver(pre_save, sender=Order)
def stamp_payment(sender: type, instance: Order, raw: bool, **kwargs: Any) -> None:
    """Note when an order was paid, in the same write that says so."""
    if raw:
        return
    paid = instance.payment_status == Order.Payment.COMPLETE
    if paid and instance.paid_at is None:
        instance.paid_at = timezone.now()
        log.info("%s is paid", instance)
    elif not paid:
        instance.paid_at = None


@receiver(pre_delete, sender=Order)
def keep_paid_orders(sender: type, instance: Order, **kwargs: Any) -> None:
    """Refuse to delete an order that has been paid."""
    if instance.payment_status == Order.Payment.COMPLETE:
        raise ProtectedError(f"{instance} has been paid and stays in the books.", {instance})


@receiver(post_delete, sender=OrderItem)
def tell_of_returned_item(sender: type, instance: OrderItem, **kwargs: Any) -> None:
    """Tell in the store's own words that an item goes back, alone or with its order."""
    order_items_returned.send(Order, order=instance.order, items=[instance])
