"""One customer's visit: registers, fills a cart, orders."""

import secrets
from typing import Any

from demo.client import StoreClient


def buy_something(client: StoreClient) -> dict[str, Any]:
    """Register a new customer and place an order over HTTP; return the order."""
    username = f"lena-{secrets.token_hex(3)}"
    password = secrets.token_urlsafe(12)
    client.post("/auth/users/", username=username, email=f"{username}@customers.example", password=password)

    products = client.get("/store/products/")
    cart = client.post("/store/carts/")
    for product in products[:2]:
        client.post(f"/store/carts/{cart['id']}/items/", product_id=product["id"], quantity=1)

    client.log_in(username, password)
    return client.post("/store/orders/", cart_id=cart["id"])
