"""What the store keeps."""

from store.models.cart import Cart, CartItem
from store.models.catalogue import Collection, Product
from store.models.customer import Customer
from store.models.order import Order, OrderItem

__all__ = ["Cart", "CartItem", "Collection", "Customer", "Order", "OrderItem", "Product"]
