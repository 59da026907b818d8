"""Customers as JSON."""

from rest_framework import serializers

from store.models import Customer


class CustomerSerializer(serializers.ModelSerializer):
    """A customer with what its user says of them."""

    username = serializers.CharField(source="user.username")
    email = serializers.EmailField(source="user.email")

    points = serializers.SerializerMethodField()

    class Meta:
        model = Customer
        fields = ("id", "username", "email", "phone", "points")

    def get_points(self, customer: Customer) -> int:
        """The points of the account that the app `loyalty` keeps; it comes with the first of them."""
        account = getattr(customer, "points_account", None)
        return 0 if account is None else account.points
