"""Mail to customers. All that this app knows of the store is its signal."""

import logging
from smtplib import SMTPRecipientsRefused
from typing import Any

from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from heliograph import Reject, current_event, receiver

from store.signals import customer_order_created

log = logging.getLogger(__name__)


# Not atomic: a mail server takes its time, and no rollback calls a mail back.
@receiver(customer_order_created, durable=True, atomic=False)
def send_confirmation(sender: type, order: Any, items: list[Any], **kwargs: Any) -> None:
    """Confirm an order by mail: at least once, as no database can commit what has left the house.

    Should this process die between the mail and its acknowledgement, the mail is sent again. Its Message-ID is made of
    the event's id and is the same each time: whoever looks at it (many mail servers do) drops the second one. A service
    with an API would take the id as its idempotency key.
    """
    user = order.customer.user
    total = sum(item.total for item in items)
    text = render_to_string("notifications/order_confirmation.txt", {"user": user, "items": items, "total": total})
    message_id = f"<{current_event().id}@noonday.example>"
    mail = EmailMessage(f"Your order {order.pk}", text, to=[user.email], headers={"Message-ID": message_id})
    try:
        mail.send()
    except SMTPRecipientsRefused as refused:
        code, reason = refused.recipients[user.email]
        if code >= 500:
            # For good: trying again would not help. Any other error is a failed attempt, and tried again later.
            raise Reject(f"{user.email}: {code} {reason.decode()}") from refused
        raise
    log.info("order %s confirmed to %s", order.pk, user.email)
