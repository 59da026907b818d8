"""Points, and how they came."""

from django.db import models

from store.models import Customer


class PointsAccount(models.Model):
    """A customer's points; it comes with the first of them."""

    customer = models.OneToOneField(Customer, on_delete=models.CASCADE, related_name="points_account")
    points = models.IntegerField(default=0)

    class Meta:
        ordering = ("-points",)

    def __str__(self) -> str:
        return f"{self.points} points of {self.customer}"


class PointsEntry(models.Model):
    """One line of an account's history: the points of an order, and how many there were with them."""

    account = models.ForeignKey(PointsAccount, on_delete=models.CASCADE, related_name="entries")
    # A number, as the history outlives the order.
    order_number = models.BigIntegerField(db_index=True)
    points = models.IntegerField()
    balance = models.IntegerField()
    booked_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("id",)
        verbose_name_plural = "points entries"

    def __str__(self) -> str:
        return f"{self.points:+d} for order {self.order_number}"
