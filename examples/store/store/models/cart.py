"""What someone is about to buy."""

import uuid
from decimal import Decimal

from django.core.validators import MinValueValidator
from django.db import models

from store.models.catalogue import Product


class Cart(models.Model):
    """A cart belongs to whoever knows its id, which cannot be guessed."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return str(self.id)

    @property
    def total(self) -> Decimal:
        """The sum at today's prices."""
        return sum((item.total for item in self.items.all()), Decimal("0.00"))


class CartItem(models.Model):
    """So many of one product."""

    cart = models.ForeignKey(Cart, on_delete=models.CASCADE, related_name="items")
    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="+")
    quantity = models.PositiveIntegerField(validators=[MinValueValidator(1)])

    class Meta:
        ordering = ("id",)
        constraints = (models.UniqueConstraint(fields=("cart", "product"), name="one_item_per_product_in_a_cart"),)

    def __str__(self) -> str:
        return f"{self.quantity} x {self.product}"

    @property
    def total(self) -> Decimal:
        """Quantity times today's price."""
        return self.quantity * self.product.unit_price
