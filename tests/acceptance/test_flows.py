"""The two flows of the note, over HTTP: a user gets a customer, a cart becomes an order."""

import hashlib
import json
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

from acceptance.store_process import RunningStore, manage
from acceptance.visitor import PASSWORD, Visitor


def test_a_registered_user_has_a_customer(visitor: Visitor) -> None:
    customer = visitor.get("/store/customers/me/").json()
    assert (customer["username"], customer["email"]) == (visitor.username, visitor.email)
    visitor.store.wait_for(
        rf"now +in the transaction +store\.signals\.handlers\.create_customer: .* made for {visitor.username}"
    )


def test_a_user_made_in_a_shell_has_a_customer(store: RunningStore, new_visitor: Callable[..., Visitor]) -> None:
    made = manage(
        store.database,
        *("createsuperuser", "--noinput", "--username", "from-the-shell", "--email", "shell@customers.example"),
        DJANGO_SUPERUSER_PASSWORD=PASSWORD,
    )
    assert made.returncode == 0, made.stderr
    visitor = new_visitor(None)
    visitor.auth = ("from-the-shell", PASSWORD)
    assert visitor.get("/store/customers/me/").status_code == 200


def test_a_user_from_a_fixture_brings_its_own_customer_or_none(
    store: RunningStore, new_visitor: Callable[..., Visitor], tmp_path: Path
) -> None:
    password = f"md5$salt${hashlib.md5(f'salt{PASSWORD}'.encode()).hexdigest()}"
    fields = {"username": "from-a-fixture", "email": "fixture@customers.example", "password": password}
    fixture = tmp_path / "user.json"
    fixture.write_text(json.dumps([{"model": "core.user", "pk": 7_000, "fields": fields}]), encoding="utf-8")
    loaded = manage(store.database, "loaddata", str(fixture))
    assert loaded.returncode == 0, loaded.stderr

    visitor = new_visitor(None)
    visitor.auth = ("from-a-fixture", PASSWORD)
    assert visitor.get("/store/customers/me/").status_code == 404
    cart_id = visitor.cart_with(Matches=1)
    assert visitor.order(cart_id).status_code == 409
    assert len(visitor.get(f"/store/carts/{cart_id}/").json()["items"]) == 1


def test_the_catalogue_shows_what_is_in_stock_first(visitor: Visitor) -> None:
    products = visitor.products()
    assert len(products) >= 100
    assert products[0].keys() == {"id", "title", "description", "collection", "unit_price", "stock"}
    sold_out = [product["stock"] == 0 for product in products]
    assert sold_out == sorted(sold_out)
    assert len({product["collection"] for product in products}) > 3


def test_a_cart_adds_up_and_changes(visitor: Visitor) -> None:
    cart_id = visitor.cart_with(Matches=2)
    item = visitor.add(cart_id, visitor.product("Matches")["id"], 3).json()
    assert (item["quantity"], item["total"]) == (5, "16.00")

    address = f"/store/carts/{cart_id}/items/{item['id']}/"
    assert visitor.patch(address, json={"quantity": 1}).json()["quantity"] == 1
    cart = visitor.get(f"/store/carts/{cart_id}/").json()
    assert (len(cart["items"]), cart["total"]) == (1, "3.20")

    assert visitor.delete(address).status_code == 204
    assert visitor.get(f"/store/carts/{cart_id}/").json() == {"id": cart_id, "items": [], "total": "0.00"}


def test_an_order_is_written_and_every_app_reacts(visitor: Visitor) -> None:
    before = visitor.product("Sea salt"), visitor.product("Plum jam")
    cart_id = visitor.cart_with(Sea_salt=2, Plum_jam=1)
    response = visitor.order(cart_id)
    order = response.json()

    assert response.status_code == 201
    assert [(item["product"]["title"], item["quantity"], item["unit_price"]) for item in order["items"]] == [
        ("Plum jam", 1, "5.60"),
        ("Sea salt", 2, "4.40"),
    ]
    assert (Decimal(order["total"]), order["payment_status"]) == (Decimal("14.40"), "pending")
    assert visitor.get(f"/store/carts/{cart_id}/").status_code == 404

    after = visitor.product("Sea salt"), visitor.product("Plum jam")
    assert [one["stock"] - other["stock"] for one, other in zip(before, after, strict=True)] == [2, 1]

    number = order["id"]
    worker = r"durable +worker \d+ "
    for line in (
        rf"now +in the transaction +warehouse\.receivers\.reserve_stock: 2 x Sea salt reserved for Order {number}\b",
        rf"{worker} +warehouse\.receivers\.keep_stock_book: Order {number} is in the stock book",
        rf"{worker} +loyalty\.receivers\.book_points: \+13 points for Order {number}\b",
        rf"{worker} +notifications\.receivers\.send_confirmation: order {number} confirmed to {visitor.email}",
    ):
        visitor.store.wait_for(line)


def test_one_sees_ones_own_orders(visitor: Visitor, new_visitor: Callable[..., Visitor]) -> None:
    numbers = [visitor.order(visitor.cart_with(Matches=1)).json()["id"] for _ in range(2)]
    assert [order["id"] for order in visitor.get("/store/orders/").json()] == numbers[::-1]
    assert visitor.get(f"/store/orders/{numbers[0]}/").json()["total"] == "3.20"

    other = new_visitor()
    assert other.get("/store/orders/").json() == []
    assert other.get(f"/store/orders/{numbers[0]}/").status_code == 404
