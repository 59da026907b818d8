"""`make demo` in its own words: what it shows, that it serves, and how it ends."""

import os
import re
import signal
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from acceptance.databases import DATABASES
from acceptance.facts import facts
from acceptance.store_process import RunningStore, manage, running_store

SETTINGS = "config.settings"
RUSH = 150

sqlite_only = pytest.mark.parametrize("demo", ["sqlite"], indirect=True)


@pytest.fixture(scope="module", params=list(DATABASES))
def demo(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningStore]:
    """The whole demo with the settings that its users have, on each database in turn."""
    with (
        DATABASES[request.param](tmp_path_factory.mktemp(request.param)) as database,
        running_store(database, short=False, settings=SETTINGS) as running,
    ):
        yield running


def act(demo: RunningStore, beginning: str, end: str) -> str:
    """What the demo has shown from one of its lines to another."""
    return demo.wait_for(rf"(?s){re.escape(beginning)}.*?{re.escape(end)}")[0]


def test_it_shows_each_receiver_with_its_mode(demo: RunningStore) -> None:
    story = act(demo, "A customer comes by.", "is placed: 2 lines,")
    steps = [
        r"POST /auth/users/",
        r"now        in the transaction  store\.signals\.handlers\.create_customer: customer",
        r"POST /store/carts/",
        r"POST /store/orders/",
        r"now        in the transaction  warehouse\.receivers\.reserve_stock: 1 x",
    ]
    for durable in (
        r"warehouse\.receivers\.keep_stock_book: Order 1 is in the stock book",
        r"loyalty\.receivers\.book_points: \+31 points for Order 1",
        r"notifications\.receivers\.send_confirmation: order 1 confirmed to lena-",
    ):
        in_turn = [*steps, rf"durable    worker \d+ +{durable}", r"Order 1 is placed"]
        assert re.search("(?s)" + ".*?".join(in_turn), story), story


def test_a_failing_receiver_is_tried_again(demo: RunningStore) -> None:
    story = act(demo, "A receiver fails, and is tried again.", "Order 2: 3 attempts, 1 mail.")
    waits = re.findall(r"warning +worker \d+ +notifications\.\S+send_confirmation: .*451.*again in (\d\.\d) s", story)
    assert len(waits) == 2
    assert float(waits[0]) <= float(waits[1])
    assert re.search(r"order 2 confirmed to grete-\w+@customers\.example\n", story)


def test_a_dead_letter_is_retried_once_its_reason_is_gone(demo: RunningStore) -> None:
    story = act(demo, "A receiver cannot succeed", "order 3 confirmed to")
    assert re.search(r"  error +\S*Reject: jonas-\w+@custmers\.example: 550 No such domain\n", story)
    number = re.search(r"^  (\d+)  notifications\.receivers\.send_confirmation$", story, re.MULTILINE)[1]
    assert f"$ manage.py signals retry {number}\n  Retrying: 1 delivery due now.\n" in story

    username = demo.wait_for(r"order 3 confirmed to (jonas-\w+)@customers\.example\n")[1]
    mended = facts(demo.database, f"SELECT email FROM core_user WHERE username = '{username}'")
    assert mended == [(f"{username}@customers.example",)]


def test_a_killed_worker_loses_and_doubles_nothing(demo: RunningStore) -> None:
    story = act(demo, "A worker is killed in the middle", "The store is open")
    before, at_the_kill, after = re.split(r"Worker \d+ (?:is killed with kill -9|has gone on)", story)
    assert before.count(f"active  {RUSH} ") == 3
    killed, successor = re.findall(r"Worker (\d+) ", story)
    assert re.search(rf"worker {successor} .*: taken over from the worker \S+:{killed}, which is gone", at_the_kill)

    done = {what: int(count) for what, count in re.findall(rf"  (\w[\w ]+?) +(\d+) of {RUSH}", at_the_kill)}
    assert done.keys() == {"stock book", "points", "mails"}
    assert all(done.values())
    assert done["mails"] < RUSH
    for what in ("stock book", "points", "mails"):
        assert re.search(rf"  {what} +{RUSH} of {RUSH}, none twice", after)
    assert "(1 was sent again, and known by its Message-ID)" in after


def test_every_order_has_had_its_effects_once(demo: RunningStore) -> None:
    # The first three orders have two lines each, those of the rush one.
    movements = facts(demo.database, "SELECT count(*), count(DISTINCT order_number) FROM warehouse_stockmovement")
    assert movements == [(RUSH + 6, RUSH + 3)]
    entries = facts(demo.database, "SELECT count(*), count(DISTINCT order_number) FROM loyalty_pointsentry")
    assert entries == [(RUSH + 3, RUSH + 3)]
    wrong = "SELECT count(*) FROM loyalty_pointsaccount account WHERE points <> ({})"
    total = "SELECT sum(points) FROM loyalty_pointsentry entry WHERE entry.account_id = account.id"
    assert facts(demo.database, wrong.format(total)) == [(0,)]
    assert facts(demo.database, "SELECT count(*) FROM heliograph_delivery") == [(0,)]


@sqlite_only
def test_it_has_a_hundred_products(demo: RunningStore) -> None:
    assert int(demo.wait_for(r"shelves +(\d+) products")[1]) >= 100


@sqlite_only
def test_the_shop_and_its_files_answer(demo: RunningStore) -> None:
    with httpx.Client(base_url=demo.address, trust_env=False) as client:
        page = client.get("/")
        assert page.status_code == 200
        assert "<title>Noonday</title>" in page.text
        for path in ("storefront/page.css", "storefront/page.js", "admin/css/base.css"):
            assert client.get(f"/static/{path}").status_code == 200


@sqlite_only
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


@sqlite_only
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


@sqlite_only
def test_it_uses_wal(demo: RunningStore) -> None:
    assert Path(f"{demo.database}-wal").exists()


def test_ctrl_c_ends_it(demo: RunningStore) -> None:
    """It closes the demo of the tests before it."""
    with httpx.Client(base_url=demo.address, trust_env=False) as browser:
        # A connection kept open, as a browser does, does not hold up the end.
        browser.get("/store/products/")
        assert demo.stop(signal.SIGINT) == 0
    assert demo.output.endswith("\nThe store is closed.\n")
    assert "Traceback" not in demo.output
    assert_no_worker_is_left(demo)


@sqlite_only
def test_it_runs_again_and_ends_in_the_middle(demo: RunningStore) -> None:
    port = int(demo.address.rpartition(":")[2])
    again = RunningStore(demo.database, port=port, short=False, settings=SETTINGS)
    try:
        again.wait_for(rf"Order {RUSH + 4} is placed")
        again.wait_for(rf"Order {RUSH + 5}: 3 attempts, 1 mail\.")
        again.wait_for(r"Retrying: 1 delivery due now\.")
        again.wait_for(r"taken over from the worker")
        assert again.stop(signal.SIGTERM) == 0
        assert "Traceback" not in again.output
        assert_no_worker_is_left(again)
    finally:
        again.end()


def test_ctrl_c_while_it_starts(tmp_path: Path) -> None:
    starting = RunningStore(str(tmp_path / "started.sqlite3"))
    try:
        starting.wait_for("Preparing the store")
        assert starting.stop(signal.SIGINT) == 0
        assert "Traceback" not in starting.output
    finally:
        starting.end()


def assert_no_worker_is_left(store: RunningStore) -> None:
    pids = {int(pid) for pid in re.findall(r"[Ww]orker (\d+) ", store.output)}
    assert pids
    for pid in pids:
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)
