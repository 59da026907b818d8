"""Orders as JSON, and how a cart becomes one."""

from typing import Any

from django.db import transaction
from rest_framework import serializers
from rest_framework.exceptions import ValidationError

from store import signals
from store.conflict import Conflict
from store.models import Cart, CartItem, Customer, Order, OrderItem
from store.serializers.products import ProductLineSerializer
from store.stock import require_stock


class OrderItemSerializer(serializers.ModelSerializer):
    """A line of an order, at the price that was asked."""

    product = ProductLineSerializer(read_only=True)
    total = serializers.DecimalField(max_digits=14, decimal_places=2, read_only=True)

    class Meta:
        model = OrderItem
        fields = ("id", "product", "quantity", "unit_price", "total")


class OrderSerializer(serializers.ModelSerializer):
    """An order with its lines."""

    items = OrderItemSerializer(many=True, read_only=True)
    total = serializers.DecimalField(max_digits=14, decimal_places=2, read_only=True)

    class Meta:
        model = Order
        fields = ("id", "placed_at", "payment_status", "items", "total")


class PlaceOrderSerializer(serializers.Serializer):
    """Turns a cart into an order.

    Guarantees:
        One transaction holds the order, its items, the end of the cart, what the receivers of
        `customer_order_created` write in it, and the event for its durable ones. One cart becomes one order, however
        many clients ask at once.
    """

    cart_id = serializers.UUIDField()

    def save(self, **kwargs: Any) -> Order:
        cart_id = self.validated_data["cart_id"]
        with transaction.atomic():
            self._lock_cart(cart_id)
            lines = self._lock_lines(cart_id)
            customer = self._customer()

            order = Order.objects.create(customer=customer, cart_id=cart_id)
            items = OrderItem.objects.bulk_create(
                OrderItem(
                    order=order,
                    product=line.product,
                    quantity=line.quantity,
                    unit_price=line.product.unit_price,
                )
                for line in lines
            )
            Cart.objects.filter(pk=cart_id).delete()

            # Robust: a receiver that fails is logged, and the order stands.
            # From the model: a worker, which answers no requests, has not loaded this module and its classes.
            signals.customer_order_created.send_robust(Order, order=order, items=items)
        return order

    def _lock_cart(self, cart_id: Any) -> None:
        """Wait for whoever holds the cart, then hold it. (On SQLite the transaction itself is the lock.)"""
        if Cart.objects.select_for_update().filter(pk=cart_id).first():
            return
        if Order.objects.filter(cart_id=cart_id).exists():
            raise Conflict("This cart has been ordered already.")
        raise ValidationError({"cart_id": ["There is no such cart."]})

    def _lock_lines(self, cart_id: Any) -> list[CartItem]:
        """Return the cart's lines, their products locked: the stock seen here is still there when it is taken."""
        lines = CartItem.objects.select_for_update().select_related("product").filter(cart_id=cart_id)
        # Always in the order of the products' keys: two orders of the same products cannot wait for each other.
        lines = list(lines.order_by("product_id"))
        if not lines:
            raise ValidationError({"cart_id": ["The cart is empty."]})
        for line in lines:
            require_stock(line.product, line.quantity)
        return lines

    def _customer(self) -> Customer:
        customer = Customer.objects.filter(user=self.context["request"].user).first()
        if customer is None:
            raise Conflict("This user has no customer: it was loaded from a fixture that brought none.")
        return customer
