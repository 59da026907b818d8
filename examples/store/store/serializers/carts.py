"""Carts as JSON, and what may be put into one."""

from typing import Any

from rest_framework import serializers

from store.models import Cart, CartItem, Product
from store.serializers.products import ProductLineSerializer
from store.stock import require_stock


class CartItemSerializer(serializers.ModelSerializer):
    """A line of a cart."""

    product = ProductLineSerializer(read_only=True)
    total = serializers.DecimalField(max_digits=14, decimal_places=2, read_only=True)

    class Meta:
        model = CartItem
        fields = ("id", "product", "quantity", "total")


class CartSerializer(serializers.ModelSerializer):
    """A cart with its lines."""

    items = CartItemSerializer(many=True, read_only=True)
    total = serializers.DecimalField(max_digits=14, decimal_places=2, read_only=True)

    class Meta:
        model = Cart
        fields = ("id", "items", "total")


class AddItemSerializer(serializers.Serializer):
    """Puts some of a product into a locked cart; what is in it already adds up."""

    product_id = serializers.PrimaryKeyRelatedField(
        queryset=Product.objects.all(),
        source="product",
        error_messages={"does_not_exist": "There is no product {pk_value}."},
    )
    quantity = serializers.IntegerField(min_value=1)

    def create(self, validated_data: dict[str, Any]) -> CartItem:
        cart, product = validated_data["cart"], validated_data["product"]
        item = cart.items.filter(product=product).first() or CartItem(cart=cart, product=product, quantity=0)
        item.quantity += validated_data["quantity"]
        require_stock(product, item.quantity)
        item.save()
        return item


class ChangeItemSerializer(serializers.Serializer):
    """Sets the quantity of a line."""

    quantity = serializers.IntegerField(min_value=1)

    def update(self, instance: CartItem, validated_data: dict[str, Any]) -> CartItem:
        require_stock(instance.product, validated_data["quantity"])
        instance.quantity = validated_data["quantity"]
        instance.save(update_fields=["quantity"])
        return instance
