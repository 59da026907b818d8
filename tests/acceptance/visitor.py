"""A client of the store's HTTP API with a name of its own."""

import secrets
from typing import Any

import httpx
from acceptance.store_process import RunningStore

PASSWORD = "a-long-night-in-the-desert"


class Visitor(httpx.Client):
    """A client that has not said who it is."""

    def __init__(self, store: RunningStore, **options: Any) -> None:
        # Without TLS there are no certificates to load, which takes longer than most requests.
        super().__init__(base_url=store.address, timeout=30, trust_env=False, verify=False, **options)
        self.store = store

    def register(self, prefix: str = "guest") -> None:
        """Become a new user, known by HTTP Basic from here on."""
        self.username = f"{prefix}-{secrets.token_hex(4)}"
        self.email = f"{self.username}@customers.example"
        body = {"username": self.username, "password": PASSWORD, "email": self.email}
        response = self.post("/auth/users/", json=body)
        assert response.status_code == 201, response.text
        self.auth = (self.username, PASSWORD)

    def products(self) -> list[dict[str, Any]]:
        return self.get("/store/products/").json()

    def product(self, title: str) -> dict[str, Any]:
        return next(product for product in self.products() if product["title"] == title)

    def cart_with(self, **quantities: int) -> str:
        """Fill a new cart, by titles with _ for the space, and return its id."""
        cart_id = self.post("/store/carts/").json()["id"]
        ids = {product["title"]: product["id"] for product in self.products()} if quantities else {}
        for title, quantity in quantities.items():
            response = self.add(cart_id, ids[title.replace("_", " ")], quantity)
            assert response.status_code == 201, response.text
        return cart_id

    def add(self, cart_id: str, product_id: object, quantity: object) -> httpx.Response:
        return self.post(f"/store/carts/{cart_id}/items/", json={"product_id": product_id, "quantity": quantity})

    def order(self, cart_id: object) -> httpx.Response:
        return self.post("/store/orders/", json={"cart_id": cart_id})
