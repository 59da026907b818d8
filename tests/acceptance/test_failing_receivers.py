"""Receivers that fail (`site/faulty/receivers.py`) never lose the order, nor what the other receivers wrote."""

from collections.abc import Callable

from acceptance.visitor import Visitor


def test_the_order_stands(new_visitor: Callable[..., Visitor]) -> None:
    visitor = new_visitor("unlucky")
    stock = visitor.product("Black tea")["stock"]
    response = visitor.order(visitor.cart_with(Black_tea=2))
    assert response.status_code == 201

    order = visitor.get(f"/store/orders/{response.json()['id']}/").json()
    assert order == response.json()
    assert [(item["product"]["title"], item["quantity"]) for item in order["items"]] == [("Black tea", 2)]
    assert visitor.product("Black tea")["stock"] == stock - 2
    visitor.store.wait_for(rf"order {order['id']} confirmed to {visitor.email}")


def test_what_a_failing_receiver_wrote_is_undone(new_visitor: Callable[..., Visitor]) -> None:
    visitor = new_visitor("unlucky")
    visitor.order(visitor.cart_with(Black_tea=1))
    page = visitor.get("/").text
    assert "Kitchen" in page
    assert "Half a receiver" not in page


def test_each_failure_is_logged(new_visitor: Callable[..., Visitor]) -> None:
    visitor = new_visitor("unlucky")
    number = visitor.order(visitor.cart_with(Black_tea=1)).json()["id"]
    visitor.store.wait_for(rf"RuntimeError: This receiver fails for order {number}\.")
    visitor.store.wait_for(rf"RuntimeError: This receiver fails after the commit of order {number}\.")
    visitor.store.wait_for(r"IntegrityError: ")
