"""One customer's visit: registers, fills a cart, orders."""

import secrets
from dataclasses import dataclass
from typing import Any

from demo.client import StoreClient


@dataclass(frozen=True, kw_only=True)
class Customer:
    """Someone who has registered."""

    username: str
    email: str
    password: str


def register(client: StoreClient, name: str, domain: str = "customers.example") -> Customer:
    """Register a new customer over HTTP."""
    username = f"{name}-{secrets.token_hex(3)}"
    customer = Customer(username=username, email=f"{username}@{domain}", password=secrets.token_urlsafe(12))
    client.post("/auth/users/", username=username, email=customer.email, password=customer.password)
    return customer


def buy_something(client: StoreClient, customer: Customer) -> dict[str, Any]:
    """Place an order over HTTP, and return it."""
    products = client.get("/store/products/")
    cart = client.post("/store/carts/")
    for product in products[:2]:
        client.post(f"/store/carts/{cart['id']}/items/", product_id=product["id"], quantity=1)

    client.log_in(customer.username, customer.password)
    return client.post("/store/orders/", cart_id=cart["id"])
