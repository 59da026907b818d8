"""What durable receivers make of orders, over HTTP: each effect once, none of an order that was rolled back."""

import re
from collections.abc import Callable

from acceptance.effects import history, stock_book
from acceptance.eventually import eventually
from acceptance.facts import facts
from acceptance.visitor import Visitor


def order(visitor: Visitor, **quantities: int) -> int:
    response = visitor.order(visitor.cart_with(**quantities))
    assert response.status_code == 201, response.text
    return response.json()["id"]


def points(visitor: Visitor) -> int:
    return visitor.get("/store/customers/me/").json()["points"]


def test_an_order_has_each_effect_once(visitor: Visitor) -> None:
    number = order(visitor, Sea_salt=2, Plum_jam=1)
    # 8 points for 8.80 euros of salt, 5 for 5.60 of jam.
    eventually(lambda: points(visitor), 13)
    eventually(lambda: sorted(stock_book(visitor, number)), [("Plum jam", -1), ("Sea salt", -2)])
    eventually(lambda: len(visitor.store.mails(f"Your order {number}")), 1)

    # Whatever came twice would be there once the worker is done with a later order.
    later = order(visitor, Sea_salt=1)
    eventually(lambda: history(visitor), [(number, 13, 13), (later, 4, 17)])
    eventually(lambda: len(visitor.store.mails(f"Your order {later}")), 1)
    eventually(lambda: stock_book(visitor, later), [("Sea salt", -1)])
    assert len(stock_book(visitor, number)) == 2
    assert len(visitor.store.mails(f"Your order {number}")) == 1


def test_the_mail_tells_what_was_ordered(visitor: Visitor) -> None:
    number = order(visitor, Sea_salt=2, Plum_jam=1)
    eventually(lambda: len(visitor.store.mails(f"Your order {number}")), 1)
    [mail] = visitor.store.mails(f"Your order {number}")
    assert f"To: {visitor.email}" in mail
    assert "  2 x Sea salt, 4.40 EUR each" in mail
    assert "Total: 14.40 EUR" in mail

    about_it = f'%"label":"store.Order","pk":{number},%'
    recorded = facts(
        visitor.store.database, f"SELECT uuid FROM heliograph_event WHERE CAST(payload AS TEXT) LIKE '{about_it}'"
    )
    [message_id] = re.findall(r"^Message-ID: <([0-9a-f-]+)@noonday\.example>$", mail, re.MULTILINE)
    assert [str(uuid).replace("-", "") for (uuid,) in recorded] == [message_id.replace("-", "")]


def test_points_are_booked_in_the_order_of_the_orders(visitor: Visitor) -> None:
    numbers = [order(visitor, Sea_salt=quantity) for quantity in (1, 2, 3)]
    eventually(lambda: history(visitor), [(numbers[0], 4, 4), (numbers[1], 8, 12), (numbers[2], 13, 25)])


def test_an_order_that_is_rolled_back_has_none(new_visitor: Callable[..., Visitor]) -> None:
    doomed, lucky = new_visitor("doomed"), new_visitor()
    stock = doomed.product("Plum jam")["stock"]
    cart_id = doomed.cart_with(Plum_jam=1)
    # Its event is written, as are its rows; then the COMMIT fails.
    assert doomed.order(cart_id).status_code == 500
    doomed.store.wait_for(r"reserve_stock: 1 x Plum jam reserved for Order \d+")
    assert doomed.get("/store/orders/").json() == []
    assert len(doomed.get(f"/store/carts/{cart_id}/").json()["items"]) == 1
    assert doomed.product("Plum jam")["stock"] == stock

    # The worker comes to what was committed later.
    number = order(lucky, Plum_jam=1)
    eventually(lambda: points(lucky), 5)
    eventually(lambda: stock_book(lucky, number), [("Plum jam", -1)])
    eventually(lambda: len(lucky.store.mails(f"Your order {number}")), 1)
    customer = doomed.get("/store/customers/me/").json()["id"]
    assert (
        facts(doomed.store.database, f"SELECT id FROM heliograph_event WHERE key = 'store.Customer:{customer}'") == []
    )
    assert (points(doomed), history(doomed)) == (0, [])
    assert doomed.email not in doomed.store.mails(f"Your order {number}")[0]
    assert doomed.email not in "".join(re.findall(r"confirmed to \S+", doomed.store.output))
