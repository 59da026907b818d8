"""What is for sale."""

from decimal import Decimal

from django.core.validators import MinValueValidator
from django.db import models


class Collection(models.Model):
    """A shelf of the store."""

    title = models.CharField(max_length=80, unique=True)
    slug = models.SlugField(unique=True)

    class Meta:
        ordering = ("title",)

    def __str__(self) -> str:
        return self.title


class Product(models.Model):
    """A thing for sale, with as many of it as there are in stock."""

    collection = models.ForeignKey(Collection, on_delete=models.PROTECT, related_name="products")
    title = models.CharField(max_length=120)
    description = models.CharField(max_length=240, blank=True)
    unit_price = models.DecimalField(max_digits=8, decimal_places=2, validators=[MinValueValidator(Decimal("0.01"))])
    # The database itself refuses a stock below zero.
    stock = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ("collection__title", "title")

    def __str__(self) -> str:
        return self.title
