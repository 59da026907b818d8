"""Products as JSON."""

from rest_framework import serializers

from store.models import Product


class ProductSerializer(serializers.ModelSerializer):
    """A product on the shelf."""

    collection = serializers.CharField(source="collection.title")

    class Meta:
        model = Product
        fields = ("id", "title", "description", "collection", "unit_price", "stock")


class ProductLineSerializer(serializers.ModelSerializer):
    """A product as a line of a cart or an order names it."""

    class Meta:
        model = Product
        fields = ("id", "title", "unit_price")
