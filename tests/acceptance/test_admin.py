"""The admin over HTTP: what is done there goes through the same signals."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
from acceptance.effects import history, stock_book
from acceptance.eventually import eventually
from acceptance.store_process import RunningStore, manage
from acceptance.visitor import PASSWORD, Visitor


class Administrator(Visitor):
    """The demo's administrator."""

    def log_in(self) -> None:
        page = self.fill("/admin/login/", username="admin", password=self.store.admin_password, next="/admin/")
        assert "Log out" in page.text

    def fill(self, address: str, **fields: Any) -> httpx.Response:
        """Open a page and send its form."""
        self.get(address)
        return self.post(address, data={"csrfmiddlewaretoken": self.cookies["csrftoken"], **fields})


@pytest.fixture
def administrator(store: RunningStore) -> Iterator[Administrator]:
    with Administrator(store, follow_redirects=True) as administrator:
        administrator.log_in()
        yield administrator


def pay(administrator: Administrator, number: int) -> None:
    empty_forms = {"items-TOTAL_FORMS": 0, "items-INITIAL_FORMS": 0}
    page = administrator.fill(f"/admin/store/order/{number}/change/", payment_status="complete", **empty_forms)
    assert "was changed successfully" in page.text


def test_a_user_made_in_the_admin_has_a_customer(
    administrator: Administrator, new_visitor: Callable[..., Visitor]
) -> None:
    form = {
        "username": "from-the-admin",
        "email": "from-the-admin@customers.example",
        "password1": PASSWORD,
        "password2": PASSWORD,
        "usable_password": "true",
    }
    assert "was added successfully" in administrator.fill("/admin/core/user/add/", **form).text
    visitor = new_visitor(None)
    visitor.auth = ("from-the-admin", PASSWORD)
    assert visitor.get("/store/customers/me/").json()["username"] == "from-the-admin"


@pytest.mark.parametrize("model", ["collection", "product", "customer", "cart", "order"])
def test_every_list_opens(administrator: Administrator, model: str) -> None:
    assert administrator.get(f"/admin/store/{model}/").status_code == 200


def test_points_and_the_stock_book_are_seen_and_not_changed(administrator: Administrator, visitor: Visitor) -> None:
    number = visitor.order(visitor.cart_with(Envelope_set=1)).json()["id"]
    eventually(lambda: visitor.get("/store/customers/me/").json()["points"], 7)
    eventually(lambda: stock_book(visitor, number), [("Envelope set", -1)])

    accounts = administrator.get("/admin/loyalty/pointsaccount/", params={"q": visitor.username}).text
    assert f"{visitor.username}</a>" in accounts
    [account] = re.findall(r'href="(/admin/loyalty/pointsaccount/\d+/change/)', accounts)
    page = administrator.get(account).text
    assert f"for order {number}" in page
    assert 'name="_save"' not in page
    assert "Envelope set" in administrator.get("/admin/warehouse/stockmovement/", params={"q": number}).text
    for model in ("loyalty/pointsaccount", "warehouse/stockmovement"):
        assert administrator.get(f"/admin/{model}/add/").status_code == 403


def test_a_deleted_order_puts_its_stock_back(administrator: Administrator, visitor: Visitor) -> None:
    stock = visitor.product("Envelope set")["stock"]
    number = visitor.order(visitor.cart_with(Envelope_set=3)).json()["id"]
    assert visitor.product("Envelope set")["stock"] == stock - 3

    assert "was deleted successfully" in administrator.fill(f"/admin/store/order/{number}/delete/", post="yes").text
    assert visitor.get(f"/store/orders/{number}/").status_code == 404
    assert visitor.product("Envelope set")["stock"] == stock
    # What came with the order goes with it, in that order, however late the worker comes to it.
    eventually(lambda: history(visitor), [(number, 21, 21), (number, -21, 0)])
    eventually(lambda: stock_book(visitor, number), [("Envelope set", -3), ("Envelope set", 3)])
    eventually(lambda: len(visitor.store.mails(f"Your order {number}")), 1)


def test_a_paid_order_is_stamped_and_stays(administrator: Administrator, visitor: Visitor) -> None:
    number = visitor.order(visitor.cart_with(Envelope_set=1)).json()["id"]
    pay(administrator, number)
    assert visitor.get(f"/store/orders/{number}/").json()["payment_status"] == "complete"
    page = administrator.get(f"/admin/store/order/{number}/change/").text
    assert re.search(r'Paid at:</label>\s*<div class="readonly">(?!-)', page)

    assert administrator.fill(f"/admin/store/order/{number}/delete/", post="yes").status_code == 403
    deleted = manage(
        visitor.store.database,
        *("shell", "--no-imports", "-c", f"from store.models import Order; Order.objects.get(pk={number}).delete()"),
    )
    assert f"Order {number} has been paid and stays in the books." in deleted.stderr
    assert visitor.get(f"/store/orders/{number}/").status_code == 200
