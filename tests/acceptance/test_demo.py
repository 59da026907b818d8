"""`make demo` in its own words: what it prints, that it serves, and how it ends."""

import signal
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from acceptance.store_process import RunningStore, manage, running_store


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> str:
    return str(tmp_path_factory.mktemp("demo") / "demo.sqlite3")


@pytest.fixture(scope="module")
def demo(database: str) -> Iterator[RunningStore]:
    """The demo with the settings that its users have."""
    with running_store(database, settings="config.settings") as running:
        yield running


def test_it_shows_each_receiver_with_its_mode(demo: RunningStore) -> None:
    story = demo.wait_for(r"(?s)A customer comes by.*The store is open")[0]
    steps = [
        "POST /auth/users/",
        "now        in the transaction  store.signals.handlers.create_customer: customer",
        "POST /store/carts/",
        "POST /store/orders/",
        "now        in the transaction  warehouse.receivers.take_stock: 1 x",
        "Subject: Your order 1",
        "on_commit  after the commit    notifications.receivers.send_confirmation: order 1 confirmed to",
        "Order 1 is placed: 2 lines,",
    ]
    places = [story.find(step) for step in steps]
    assert -1 not in places, dict(zip(steps, places, strict=True))
    assert places == sorted(places)


def test_it_has_a_hundred_products(demo: RunningStore) -> None:
    assert int(demo.wait_for(r"shelves +(\d+) products")[1]) >= 100


def test_the_shop_and_its_files_answer(demo: RunningStore) -> None:
    with httpx.Client(base_url=demo.address, trust_env=False) as client:
        page = client.get("/")
        assert page.status_code == 200
        assert "<title>Noonday</title>" in page.text
        for path in ("storefront/page.css", "storefront/page.js", "admin/css/base.css"):
            assert client.get(f"/static/{path}").status_code == 200


def test_the_admin_opens_with_the_login_that_is_printed(demo: RunningStore) -> None:
    with httpx.Client(base_url=demo.address, trust_env=False, follow_redirects=True) as client:
        client.get("/admin/login/")
        form = {
            "username": "admin",
            "password": demo.admin_password,
            "csrfmiddlewaretoken": client.cookies["csrftoken"],
            "next": "/admin/",
        }
        assert "Log out" in client.post("/admin/login/", data=form).text


def test_a_used_port_is_a_clear_message(demo: RunningStore, tmp_path: Path) -> None:
    port = int(demo.address.rpartition(":")[2])
    other = tmp_path / "other.sqlite3"
    refused = manage(str(other), "demo", "--port", str(port))
    assert refused.returncode == 1
    assert refused.stdout == ""
    assert refused.stderr == (
        f"CommandError: Port {port} on 127.0.0.1 cannot be used (address already in use). "
        f"Choose another: PORT={port + 1} make demo\n"
    )
    assert not other.exists()


def test_a_port_that_is_no_port(tmp_path: Path) -> None:
    refused = manage(str(tmp_path / "other.sqlite3"), "demo", "--port", "70000")
    assert refused.returncode == 2
    assert "'70000' is no port" in refused.stderr


def test_it_uses_wal(demo: RunningStore, database: str) -> None:
    assert Path(f"{database}-wal").exists()


def test_ctrl_c_ends_it_and_it_runs_again(demo: RunningStore, database: str) -> None:
    """The last test here: it closes the demo of the others."""
    port = int(demo.address.rpartition(":")[2])
    with httpx.Client(base_url=demo.address, trust_env=False) as browser:
        # A connection kept open, as a browser does, does not hold up the end.
        browser.get("/store/products/")
        assert demo.stop(signal.SIGINT) == 0
    assert demo.output.endswith("\nThe store is closed.\n")
    assert "Traceback" not in demo.output

    with running_store(database, port=port, settings="config.settings") as again:
        again.wait_for("Order 2 is placed")
        assert again.stop(signal.SIGTERM) == 0
        assert "Traceback" not in again.output


def test_ctrl_c_while_it_starts(tmp_path: Path) -> None:
    starting = RunningStore(str(tmp_path / "started.sqlite3"))
    try:
        starting.wait_for("Preparing the store")
        assert starting.stop(signal.SIGINT) == 0
        assert "Traceback" not in starting.output
    finally:
        starting.end()
