"""Mail to customers. All that this app knows of the store is its signal."""

import logging
from typing import Any

from django.core.mail import send_mail
from django.template.loader import render_to_string
from heliograph import receiver

from store.signals import customer_order_created

log = logging.getLogger(__name__)


@receiver(customer_order_created, on_commit=True)
def send_confirmation(sender: type, order: Any, **kwargs: Any) -> None:
    """Confirm an order by mail; after the commit, so that nobody is told of an order that was rolled back."""
    user = order.customer.user
    text = render_to_string("notifications/order_confirmation.txt", {"order": order, "user": user})
    send_mail(subject=f"Your order {order.pk}", message=text, from_email=None, recipient_list=[user.email])
    log.info("order %s confirmed to %s", order.pk, user.email)
