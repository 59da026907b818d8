"""Many orders at once, as a sale brings them."""

import secrets
import uuid
from collections.abc import Iterator
from typing import Any

from django.db import transaction
from django.db.models import F

from core.models import User
from store.models import Customer, Order, OrderItem, Product
from store.signals import customer_order_created


@transaction.atomic
def rush(customers: int, orders_each: int) -> frozenset[int]:
    """Place the orders in one transaction, recorded in one statement; return their numbers."""
    product = deliver(customers * orders_each)
    buyers = list(new_customers(customers))
    orders = Order.objects.bulk_create(
        Order(customer=buyer, cart_id=uuid.uuid4()) for _ in range(orders_each) for buyer in buyers
    )
    items = OrderItem.objects.bulk_create(
        OrderItem(order=order, product=product, quantity=1, unit_price=product.unit_price) for order in orders
    )
    payloads: list[dict[str, Any]] = [
        {"order": order, "items": [item]} for order, item in zip(orders, items, strict=True)
    ]
    customer_order_created.send_many(Order, payloads)
    return frozenset(order.pk for order in orders)


def deliver(pieces: int) -> Product:
    """Put as many pieces of a product into stock as are going to be sold."""
    product = Product.objects.order_by("unit_price").last()
    Product.objects.filter(pk=product.pk).update(stock=F("stock") + pieces)
    return product


def new_customers(number: int) -> Iterator[Customer]:
    """Make users, each of whom a receiver gives its customer. They never log in."""
    sale = secrets.token_hex(3)
    for turn in range(number):
        user = User(username=f"sale-{sale}-{turn}", email=f"sale-{sale}-{turn}@customers.example")
        user.set_unusable_password()
        user.save()
        yield user.customer
