"""The one rule about stock: nobody asks for more than there is."""

from rest_framework.exceptions import ValidationError

from store.models import Product


def require_stock(product: Product, quantity: int) -> None:
    """Refuse a quantity above the product's stock.

    Raises:
        ValidationError: More is asked for than there is; the answer is a 400 that names both.
    """
    if quantity <= product.stock:
        return
    left = f"only {product.stock} left" if product.stock else "none left"
    raise ValidationError({"quantity": [f"{product.title}: {quantity} wanted, {left}."]})
