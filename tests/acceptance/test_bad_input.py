"""What the store refuses: a clear answer in JSON, and nothing half-written."""

import uuid
from collections.abc import Callable

import pytest
from acceptance.visitor import PASSWORD, Visitor


def test_an_empty_cart_is_no_order(visitor: Visitor) -> None:
    cart_id = visitor.cart_with()
    response = visitor.order(cart_id)
    assert (response.status_code, response.json()) == (400, {"cart_id": ["The cart is empty."]})
    assert visitor.get("/store/orders/").json() == []
    assert visitor.get(f"/store/carts/{cart_id}/").status_code == 200


@pytest.mark.parametrize("cart_id", [str(uuid.UUID(int=7, version=4)), "no-uuid", 7, None, ["a"], {}])
def test_an_unknown_cart_is_no_order(visitor: Visitor, cart_id: object) -> None:
    response = visitor.order(cart_id)
    assert response.status_code == 400
    assert response.json()["cart_id"]


def test_an_order_needs_a_cart(visitor: Visitor) -> None:
    assert visitor.post("/store/orders/", json={}).json() == {"cart_id": ["This field is required."]}
    assert visitor.post("/store/orders/", content=b"{", headers={"Content-Type": "application/json"}).status_code == 400


def test_a_cart_is_ordered_once(visitor: Visitor) -> None:
    cart_id = visitor.cart_with(Matches=1)
    assert visitor.order(cart_id).status_code == 201
    response = visitor.order(cart_id)
    assert (response.status_code, response.json()) == (409, {"detail": "This cart has been ordered already."})
    assert len(visitor.get("/store/orders/").json()) == 1


@pytest.mark.parametrize("quantity", [0, -1, 10**30, "many", None, 1.5, True])
def test_a_quantity_that_cannot_be(visitor: Visitor, quantity: object) -> None:
    cart_id = visitor.cart_with()
    response = visitor.add(cart_id, visitor.product("Matches")["id"], quantity)
    assert response.status_code == 400
    assert response.json()["quantity"]
    assert visitor.get(f"/store/carts/{cart_id}/").json()["items"] == []


def test_no_more_than_there_is(visitor: Visitor) -> None:
    product = visitor.product("Hand drill")
    cart_id = visitor.cart_with(Hand_drill=product["stock"])
    response = visitor.add(cart_id, product["id"], 1)
    wanted, left = product["stock"] + 1, product["stock"]
    assert response.status_code == 400
    assert response.json() == {"quantity": [f"Hand drill: {wanted} wanted, only {left} left."]}

    item = visitor.get(f"/store/carts/{cart_id}/").json()["items"][0]
    assert visitor.patch(f"/store/carts/{cart_id}/items/{item['id']}/", json={"quantity": wanted}).status_code == 400
    assert visitor.get(f"/store/carts/{cart_id}/").json()["items"][0]["quantity"] == left


def test_stock_that_went_to_someone_else(visitor: Visitor, new_visitor: Callable[..., Visitor]) -> None:
    stock = visitor.product("Wool blanket")["stock"]
    late = visitor.cart_with(Wool_blanket=stock)
    faster = new_visitor()
    assert faster.order(faster.cart_with(Wool_blanket=1)).status_code == 201

    response = visitor.order(late)
    assert response.status_code == 400
    assert response.json() == {"quantity": [f"Wool blanket: {stock} wanted, only {stock - 1} left."]}
    assert visitor.get("/store/orders/").json() == []
    assert len(visitor.get(f"/store/carts/{late}/").json()["items"]) == 1
    assert visitor.product("Wool blanket")["stock"] == stock - 1


@pytest.mark.parametrize("product_id", [0, 10**30, "mug", None, True])
def test_a_product_that_is_not_there(visitor: Visitor, product_id: object) -> None:
    response = visitor.add(visitor.cart_with(), product_id, 1)
    assert response.status_code == 400
    assert response.json()["product_id"]


@pytest.mark.parametrize("cart_id", [str(uuid.UUID(int=7, version=4)), "no-uuid"])
def test_a_cart_that_is_not_there(visitor: Visitor, cart_id: str) -> None:
    answers = [
        visitor.get(f"/store/carts/{cart_id}/"),
        visitor.add(cart_id, visitor.product("Matches")["id"], 1),
        visitor.patch(f"/store/carts/{cart_id}/items/1/", json={"quantity": 1}),
        visitor.delete(f"/store/carts/{cart_id}/items/1/"),
    ]
    assert [answer.status_code for answer in answers] == [404] * 4
    assert all(answer.json()["detail"] for answer in answers)


def test_an_item_of_another_cart(visitor: Visitor) -> None:
    theirs = visitor.cart_with(Matches=1)
    item = visitor.get(f"/store/carts/{theirs}/").json()["items"][0]
    mine = visitor.cart_with()
    assert visitor.delete(f"/store/carts/{mine}/items/{item['id']}/").status_code == 404
    assert visitor.delete(f"/store/carts/{mine}/items/{'9' * 40}/").status_code == 404
    assert len(visitor.get(f"/store/carts/{theirs}/").json()["items"]) == 1


def test_nobody_orders_without_a_name(new_visitor: Callable[..., Visitor]) -> None:
    visitor = new_visitor(None)
    cart_id = visitor.cart_with(Matches=1)
    answers = [visitor.order(cart_id), visitor.get("/store/orders/"), visitor.get("/store/customers/me/")]
    assert [answer.status_code for answer in answers] == [401] * 3
    assert answers[0].headers["WWW-Authenticate"] == 'Basic realm="store"'
    assert answers[0].json() == {"detail": "Authentication credentials were not provided."}
    assert visitor.get(f"/store/carts/{cart_id}/").status_code == 200


def test_a_wrong_password(visitor: Visitor) -> None:
    visitor.auth = (visitor.username, "wrong")
    assert visitor.get("/store/orders/").status_code == 401


def test_a_browser_shows_no_window_of_its_own(new_visitor: Callable[..., Visitor]) -> None:
    answer = new_visitor(None).get("/store/orders/", headers={"X-Requested-With": "fetch"})
    assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, 'Session realm="store"')


def test_a_login_from_another_site(visitor: Visitor) -> None:
    answer = visitor.post("/auth/login/", json={"username": visitor.username, "password": PASSWORD})
    assert answer.status_code == 403
    assert "CSRF" in answer.json()["detail"]


@pytest.mark.parametrize("number", ["1", "0", "9" * 40, "one"])
def test_an_order_that_is_not_ones_own(visitor: Visitor, number: str) -> None:
    response = visitor.get(f"/store/orders/{number}/")
    assert response.status_code == 404
    assert response.json()["detail"]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"username": ""}, "username"),
        ({"username": "admin"}, "username"),
        ({"email": "nowhere"}, "email"),
        ({"email": "admin@noonday.example"}, "email"),
        ({"password": "short"}, "password"),
        ({"password": None}, "password"),
    ],
)
def test_a_registration_that_cannot_be(
    new_visitor: Callable[..., Visitor], change: dict[str, object], field: str
) -> None:
    body = {"username": "someone-new", "email": "someone-new@customers.example", "password": PASSWORD} | change
    response = new_visitor(None).post("/auth/users/", json=body)
    assert response.status_code == 400
    assert list(response.json()) == [field]
