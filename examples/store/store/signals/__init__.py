"""What can happen in the store. Other apps react to it by importing the signal, and nothing else, from here."""

from heliograph import signal

from store.models import Order


@signal
def customer_order_created(*, order: Order) -> None:
    """An order and its items have been written, in a transaction that is still open."""
