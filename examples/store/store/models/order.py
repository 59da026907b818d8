"""What someone has bought."""

from decimal import Decimal

from django.core.validators import MinValueValidator
from django.db import models

from store.models.catalogue import Product
from store.models.customer import Customer


class Order(models.Model):
    """A customer's order, and whether it has been paid."""

    class Payment(models.TextChoices):
        PENDING = "pending"
        COMPLETE = "complete"
        FAILED = "failed"

    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="orders")
    # The cart that it was; unique, so that one cart becomes one order, whoever asks at the same moment.
    cart_id = models.UUIDField(unique=True, editable=False)
    placed_at = models.DateTimeField(auto_now_add=True)
    payment_status = models.CharField(max_length=8, choices=Payment.choices, default=Payment.PENDING)
    paid_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        ordering = ("-id",)

    def __str__(self) -> str:
        return f"Order {self.pk}"

    @property
    def total(self) -> Decimal:
        """The sum at the prices of the day when it was placed."""
        return sum((item.total for item in self.items.all()), Decimal("0.00"))


class OrderItem(models.Model):
    """So many of one product, at the price that was asked."""

    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="items")
    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="+")
    quantity = models.PositiveIntegerField(validators=[MinValueValidator(1)])
    unit_price = models.DecimalField(max_digits=8, decimal_places=2)

    class Meta:
        ordering = ("id",)

    def __str__(self) -> str:
        return f"{self.quantity} x {self.product}"

    @property
    def total(self) -> Decimal:
        """Quantity times price."""
        return self.quantity * self.unit_price
