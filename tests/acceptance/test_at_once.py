"""Several clients at the same moment, against a real server."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Barrier

import httpx
from acceptance.visitor import Visitor

CLIENTS = 4
ROUNDS = 3


def all_at_once(requests: list[Callable[[], httpx.Response]]) -> list[httpx.Response]:
    """Send the requests from as many threads, none before all are ready."""
    barrier = Barrier(len(requests))

    def send(request: Callable[[], httpx.Response]) -> httpx.Response:
        barrier.wait(timeout=20)
        return request()

    with ThreadPoolExecutor(len(requests)) as threads:
        return list(threads.map(send, requests))


def test_one_cart_becomes_one_order(new_visitor: Callable[..., Visitor]) -> None:
    clients = [new_visitor() for _ in range(CLIENTS)]
    for _ in range(ROUNDS):
        stock = clients[0].product("Preserving jar")["stock"]
        cart_id = clients[0].cart_with(Preserving_jar=2)
        answers = all_at_once([partial(client.order, cart_id) for client in clients])

        assert Counter(answer.status_code for answer in answers) == {201: 1, 409: CLIENTS - 1}
        assert clients[0].product("Preserving jar")["stock"] == stock - 2
    orders = [order for client in clients for order in client.get("/store/orders/").json()]
    assert [len(order["items"]) for order in orders] == [1] * ROUNDS


def test_the_last_one_is_sold_once(new_visitor: Callable[..., Visitor]) -> None:
    clients = [new_visitor() for _ in range(CLIENTS)]
    stock = clients[0].product("Teapot")["stock"]
    carts = [client.cart_with(Teapot=stock) for client in clients]
    answers = all_at_once([partial(client.order, cart) for client, cart in zip(clients, carts, strict=True)])
    assert Counter(answer.status_code for answer in answers) == {201: 1, 400: CLIENTS - 1}
    assert clients[0].product("Teapot")["stock"] == 0


def test_additions_to_one_cart_add_up(new_visitor: Callable[..., Visitor]) -> None:
    clients = [new_visitor(None) for _ in range(CLIENTS)]
    cart_id = clients[0].cart_with()
    product_id = clients[0].product("Light bulb")["id"]
    answers = all_at_once([partial(client.add, cart_id, product_id, 1) for client in clients])

    assert [answer.status_code for answer in answers] == [201] * CLIENTS
    items = clients[0].get(f"/store/carts/{cart_id}/").json()["items"]
    assert [item["quantity"] for item in items] == [CLIENTS]


def test_one_name_belongs_to_one_user(new_visitor: Callable[..., Visitor]) -> None:
    clients = [new_visitor(None) for _ in range(CLIENTS)]
    body = {"username": "wanted-by-all", "email": "wanted@customers.example", "password": "a-long-night-in-the-desert"}
    answers = all_at_once([partial(client.post, "/auth/users/", json=body) for client in clients])
    assert Counter(answer.status_code for answer in answers) == {201: 1, 400: CLIENTS - 1}
