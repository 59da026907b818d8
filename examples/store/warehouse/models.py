"""The stock book."""

from django.db import models

from store.models import Product


class StockMovement(models.Model):
    """So many of a product that left the warehouse for an order (below zero), or came back from it."""

    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="+")
    # A number, as the book outlives the order.
    order_number = models.BigIntegerField(db_index=True)
    quantity = models.IntegerField()
    booked_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("-id",)

    def __str__(self) -> str:
        return f"{self.quantity:+d} {self.product}, order {self.order_number}"
