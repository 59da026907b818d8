"""The shop page as a customer uses it, in a real browser, at a desk and on a phone."""

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from acceptance.browser import chromium
from acceptance.eventually import eventually
from acceptance.store_process import ROOT, RunningStore, running_store
from acceptance.visitor import PASSWORD, Visitor
from playwright.sync_api import Browser, Page, expect

DESK = {"width": 1280, "height": 860}
PHONE = {"width": 390, "height": 844}
VIEWPORTS = {"desk": DESK, "phone": PHONE}


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningStore]:
    """A shop of its own, whose stock nobody else buys."""
    with running_store(str(tmp_path_factory.mktemp("shop") / "shop.sqlite3")) as running:
        yield running


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as running:
        yield running


@pytest.fixture
def page(request: pytest.FixtureRequest, browser: Browser, shop: RunningStore) -> Iterator[Page]:
    """The shop page in a fresh browser; the test fails if any script of it fails."""
    viewport = VIEWPORTS[getattr(request, "param", "desk")]
    context = browser.new_context(
        viewport=viewport,
        base_url=shop.address,
        has_touch=viewport is PHONE,
        reduced_motion="reduce",
        locale="en-US",
        timezone_id="UTC",
    )
    context.set_default_timeout(15_000)
    page = context.new_page()
    errors = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto("/")
    yield page
    context.close()
    assert errors == []


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    """Where screenshots go: into the docs when HELIOGRAPH_SCREENSHOTS=1 asks for it."""
    return ROOT / "docs" / "images" if os.environ.get("HELIOGRAPH_SCREENSHOTS") == "1" else tmp_path


def add(page: Page, title: str, times: int = 1) -> None:
    for _ in range(times):
        page.get_by_role("button", name=f"Add {title} to the basket").click()
        expect(page.locator("#status")).to_have_text(f"{title} is in your basket.")
        page.locator("#status").evaluate("element => { element.textContent = '' }")


def register(page: Page, username: str) -> None:
    form = page.locator("#register")
    form.get_by_label("Username").fill(username)
    form.get_by_label("E-mail address").fill(f"{username}@customers.example")
    form.get_by_label("Password").fill(PASSWORD)
    form.get_by_role("button", name="Create the account").click()


@pytest.mark.parametrize("page", ["desk", "phone"], indirect=True)
def test_a_first_order(page: Page, shop: RunningStore, pictures: Path) -> None:
    on_phone = page.viewport_size == PHONE
    username = "tove" if on_phone else "mira"
    expect(page.locator(".product")).to_have_count(120)
    page.get_by_label("Search the shelves").fill("lamp")
    expect(page.locator(".product")).to_have_count(4)
    page.get_by_label("Search the shelves").fill("")

    add(page, "Enamel mug", times=2)
    add(page, "Signal mirror")
    add(page, "Field notebook")
    page.evaluate("document.activeElement.blur(); scrollTo(0, 0)")
    page.mouse.move(0, 0)
    page.screenshot(path=pictures / ("shop-phone.png" if on_phone else "shop.png"))

    if on_phone:
        page.locator(".basket-bar").click()
    basket = page.locator(".basket")
    expect(basket.get_by_role("listitem")).to_have_count(3)
    basket.get_by_role("button", name="One Field notebook less").click()
    expect(basket.get_by_role("listitem")).to_have_count(2)
    expect(basket.locator(".total")).to_contain_text("€43.00")

    basket.get_by_role("link", name="Sign in to order").click()
    register(page, username)
    basket.get_by_role("button", name="Place the order").click()

    expect(page.get_by_text(f"Thank you, {username}.")).to_be_visible()
    expect(page.get_by_role("heading", name=re.compile(r"^Order \d+$"))).to_be_visible()
    expect(page.locator("#order-lines tr")).to_have_count(2)
    expect(page.locator("tfoot")).to_contain_text("€43.00")
    expect(page.get_by_text("Payment pending").first).to_be_visible()
    if not on_phone:
        page.screenshot(path=pictures / "order.png")

    number = page.url.rpartition("/")[2]
    shop.wait_for(rf"order {number} confirmed to {username}@customers\.example")
    page.reload()
    expect(page.locator("tfoot")).to_contain_text("€43.00")
    with Visitor(shop) as customer:
        customer.auth = (username, PASSWORD)
        eventually(lambda: customer.get("/store/customers/me/").json()["points"], 43)
    page.get_by_role("link", name="All your orders").click()
    expect(page.locator("#orders li")).to_have_count(1)
    expect(page.locator("#points")).to_have_text("You have 43 points.")


@pytest.mark.parametrize("page", ["desk", "phone"], indirect=True)
def test_nothing_is_wider_than_the_screen(page: Page) -> None:
    add(page, "Enamel mug")
    for address in ("#/", "#/basket", "#/account"):
        page.goto(f"/{address}")
        width = page.evaluate("document.documentElement.scrollWidth")
        assert width <= page.viewport_size["width"], address


def test_the_basket_survives_a_reload_and_an_order_elsewhere(page: Page, shop: RunningStore) -> None:
    add(page, "Compass")
    page.reload()
    expect(page.locator(".basket")).to_contain_text("Compass")

    with Visitor(shop) as elsewhere:
        elsewhere.register()
        cart_id = page.evaluate("localStorage.getItem('noonday-cart')")
        assert elsewhere.order(cart_id).status_code == 201
    add(page, "Tin whistle")
    expect(page.locator(".basket").get_by_role("listitem")).to_have_count(1)
    expect(page.locator(".basket")).not_to_contain_text("Compass")


def test_errors_are_said_where_they_belong(page: Page) -> None:
    add(page, "Watering can", times=3)
    page.locator(".basket").get_by_role("button", name="One Watering can more").click()
    expect(page.locator(".basket").get_by_role("alert").first).to_have_text("Watering can: 4 wanted, only 3 left.")
    page.get_by_role("button", name="Add Watering can to the basket").click()
    product = page.locator(".product", has_text="Watering can")
    expect(product.get_by_role("alert")).to_have_text("Watering can: 4 wanted, only 3 left.")
    expect(page.get_by_role("button", name="Add Paper knife to the basket")).to_be_disabled()

    page.get_by_role("link", name="Sign in", exact=True).click()
    sign_in = page.locator("#sign-in")
    sign_in.get_by_label("Username").fill("nobody")
    sign_in.get_by_label("Password").fill("nothing")
    sign_in.get_by_role("button", name="Sign in").click()
    expect(sign_in.get_by_role("alert")).to_have_text("That username and password do not belong together.")

    register_form = page.locator("#register")
    register_form.get_by_label("Username").fill("admin")
    register_form.get_by_label("E-mail address").fill("nowhere")
    register_form.get_by_label("Password").fill("short")
    register_form.get_by_role("button", name="Create the account").click()
    expect(register_form.locator("[data-error=username]")).to_have_text("A user with that username already exists.")
    expect(register_form.locator("[data-error=email]")).to_have_text("Enter a valid email address.")
    expect(register_form.get_by_label("Username")).to_be_focused()


def test_by_keyboard_alone(page: Page) -> None:
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the shop")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#main")).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.get_by_label("Search the shelves")).to_be_focused()
    page.keyboard.type("pocket mirror")
    expect(page.locator(".product")).to_have_count(1)
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Add Pocket mirror to the basket")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("[data-basket-count]").first).to_have_text("1")
    page.get_by_role("button", name="One Pocket mirror more").press("Enter")
    expect(page.locator("[data-basket-count]").first).to_have_text("2")
    expect(page.get_by_role("button", name="One Pocket mirror more")).to_be_focused()


def test_signing_out_and_in_again(page: Page) -> None:
    page.get_by_role("link", name="Sign in", exact=True).click()
    register(page, "ida")
    page.get_by_role("button", name="Sign out ida").click()
    expect(page.get_by_role("link", name="Your orders")).to_be_hidden()
    page.goto("/#/orders")
    form = page.locator("#sign-in")
    form.get_by_label("Username").fill("ida")
    form.get_by_label("Password").fill(PASSWORD)
    form.get_by_role("button", name="Sign in").click()
    page.get_by_role("link", name="Your orders").click()
    expect(page.get_by_text("None yet.")).to_be_visible()
    expect(page.locator("#points")).to_be_hidden()


def test_a_session_that_has_ended_leads_to_the_sign_in(page: Page) -> None:
    page.goto("/#/account")
    register(page, "nils")
    add(page, "Sea salt")
    page.context.clear_cookies(name="sessionid")
    page.get_by_role("button", name="Place the order").click()
    expect(page.get_by_text("Sign in to place the order. Your basket waits.")).to_be_visible()
    expect(page.get_by_role("link", name="Your orders")).to_be_hidden()


def test_the_admin(page: Page, shop: RunningStore) -> None:
    page.goto("/admin/")
    page.get_by_label("Username").fill("admin")
    page.get_by_label("Password").fill(shop.admin_password)
    page.get_by_role("button", name="Log in").click()
    page.get_by_role("link", name="Products").first.click()
    expect(page.locator("#result_list tbody tr").first).to_be_visible()
