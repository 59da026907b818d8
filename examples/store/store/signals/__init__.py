"""What can happen in the store. Other apps react to it by importing the signals, and nothing else, from here."""

from typing import Any

from heliograph import signal

from store.models import Customer, Order, OrderItem


def by_customer(order: Order, **kwargs: Any) -> Customer:
    """The key: what happens to one customer's orders reaches a durable receiver in the order in which it happened."""
    return order.customer


# The items go with the order, as a durable receiver runs later: by then they may have been deleted.


@signal(key=by_customer)
def customer_order_created(*, order: Order, items: list[OrderItem]) -> None:
    """An order and its items have been written, in a transaction that is still open."""


@signal(key=by_customer)
def order_items_returned(*, order: Order, items: list[OrderItem]) -> None:
    """Items of an order have been deleted, with the order or without it, in a transaction that is still open."""
