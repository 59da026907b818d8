"""Customers as JSON."""

from rest_framework import serializers

from store.models import Customer


class CustomerSerializer(serializers.ModelSerializer):
    """A customer with what its user says of them."""

    username = serializers.CharField(source="user.username")
    email = serializers.EmailField(source="user.email")

    class Meta:
        model = Customer
        fields = ("id", "username", "email", "phone")
