"""Puts Noonday's catalogue on the shelves."""

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

from django.db import transaction
from django.utils.text import slugify

from store.models import Collection, Product

CATALOGUE = Path(__file__).with_name("catalogue.txt")


@transaction.atomic
def stock_shelves() -> None:
    """Write the catalogue of `catalogue.txt`, once: a store that has products keeps them as they are."""
    if not Product.objects.exists():
        Product.objects.bulk_create(products())


def products() -> Iterator[Product]:
    """Read the catalogue, making each collection as its heading is met."""
    for line in CATALOGUE.read_text(encoding="utf-8").splitlines():
        if not line or line.startswith("#"):
            continue
        if line.startswith("["):
            title = line.strip("[]")
            collection, _ = Collection.objects.get_or_create(title=title, slug=slugify(title))
            continue
        title, description, unit_price, stock = (part.strip() for part in line.split("|"))
        yield Product(
            collection=collection,
            title=title,
            description=description,
            unit_price=Decimal(unit_price),
            stock=int(stock),
        )
