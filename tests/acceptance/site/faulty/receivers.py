"""Receivers of the store's signal that fail, each in its own way, after having written something."""

import uuid

from django.db import IntegrityError
from store.models import CartItem, Collection, Customer, Product
from store.signals import customer_order_created

from heliograph import receiver


def is_unlucky(order):
    return order.customer.user.username.startswith("unlucky-")


@receiver(customer_order_created)
def raise_an_error(sender, order, **kwargs):
    if is_unlucky(order):
        Collection.objects.create(title=f"Half a receiver's work for order {order.pk}", slug=f"half-{order.pk}")
        raise RuntimeError(f"This receiver fails for order {order.pk}.")


@receiver(customer_order_created)
def break_a_constraint(sender, order, **kwargs):
    if is_unlucky(order):
        # The database itself refuses it: on PostgreSQL, every later statement of the transaction fails too.
        Customer.objects.create(user=order.customer.user)
        raise AssertionError("The second customer of a user should have been refused.")


@receiver(customer_order_created)
def swallow_a_broken_constraint(sender, order, **kwargs):
    if is_unlucky(order):
        try:
            Customer.objects.create(user=order.customer.user)
        except IntegrityError:
            return


@receiver(customer_order_created, on_commit=True)
def fail_after_the_commit(sender, order, **kwargs):
    if is_unlucky(order):
        raise RuntimeError(f"This receiver fails after the commit of order {order.pk}.")


@receiver(customer_order_created)
def take_the_order_back(sender, order, **kwargs):
    if order.customer.user.username.startswith("doomed-"):
        # No savepoint sees that this cart is not there; the COMMIT does, and there will be no order.
        CartItem.objects.create(cart_id=uuid.uuid4(), product=Product.objects.first(), quantity=1)
