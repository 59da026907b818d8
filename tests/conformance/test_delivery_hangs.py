"""What hangs when the receiver has returned: its COMMIT, or a hook that it has left for after it."""

import contextlib
import logging
import threading

import pytest
from conformance.databases import COMMITTING
from conformance.deliveries import (
    AT_ONCE,
    CLERK,
    DEADLINE,
    MUCH_LATER,
    bench,
    deliveries,
    errors,
    eventually,
    notes_by_state,
    receiving,
    send,
    send_keyed,
    working,
    write,
)
from conformance.visits import visit, visits
from django.db import connections, transaction

from heliograph.delivery.worker import pages
from heliograph.delivery.worker.attempts import LostError
from heliograph.delivery.worker.hands import Doing

pytestmark = COMMITTING

MODES = pytest.mark.parametrize("mode", [{}, {"batch": 1}, {"batch": 10}], ids=["shared", "one", "batch"])

#: At the check of a deferred constraint, or else at COMMIT, a bad note waits for a lock that the test has.
WAITING = """
    create function gallery_wait() returns trigger language plpgsql as $$
    begin
        perform pg_advisory_xact_lock(4711);
        return null;
    end $$;
    create constraint trigger waiting after insert on gallery_visit deferrable initially deferred
        for each row when (new.note like 'bad%') execute function gallery_wait();
"""


@pytest.fixture(autouse=True)
def share_for_long(monkeypatch):
    monkeypatch.setattr(pages, "SHARED_SECONDS", {"postgresql": 60, "sqlite": 60})


@pytest.fixture
def waiting():
    """Let a deferred trigger wait for a lock, for as long as the test lasts."""
    with connections["postgres"].cursor() as cursor:
        cursor.execute(WAITING)
        cursor.execute("select pg_advisory_lock(4711)")
        try:
            yield
        finally:
            cursor.execute("select pg_advisory_unlock(4711)")
            cursor.execute("drop function gallery_wait() cascade")


@MODES
@pytest.mark.usefixtures("waiting")
def test_a_commit_that_hangs_is_the_failed_attempt_of_its_event(mode):
    def settled():
        return notes_by_state("postgres") == {"retrying": ["bad"], "held": ["bad too"]} and "cat" in visits("postgres")

    with receiving(write, timeout=0.5, retry=MUCH_LATER, **mode):
        send_keyed("postgres", "ant", "bad", "bad too", "cat")
        with working("postgres"):
            eventually(settled)
    first, _ = deliveries("postgres")
    assert (first.attempts, first.kills) == (1, 0)
    assert "longer than its timeout of 0.5 s" in errors(first)[0]["message"]
    assert visits("postgres") == ["ant", "cat"]


@pytest.mark.usefixtures("waiting")
def test_a_commit_of_a_later_attempt_that_hangs_is_a_failed_one():
    tries = []

    def does(note, using, **_):
        tries.append(note)
        if len(tries) == 1:
            raise ValueError("first")
        visit(using, note if len(tries) == 2 else "at last")

    with receiving(does, timeout=0.5, retry=AT_ONCE), working("postgres"):
        send("postgres", "bad")
        eventually(lambda: visits("postgres") == ["at last"])
    assert len(tries) == 3
    assert deliveries("postgres") == []


@pytest.mark.parametrize("is_done", [True, False], ids=["committed", "not committed"])
def test_a_commit_that_hangs_costs_an_attempt_only_if_nothing_is_committed(is_done):
    entered, let_go = threading.Event(), threading.Event()

    def hang(*given, **named):
        if is_done:
            move(*given, **named)
        entered.set()
        assert let_go.wait(DEADLINE)
        if not is_done:
            move(*given, **named)

    with (
        receiving(write, retry=MUCH_LATER, batch=1),
        bench("postgres") as watcher,
        bench("postgres") as worker,
    ):
        send("postgres", "one")
        actor = worker.take()
        move, actor.owned.move = actor.owned.move, hang
        turn = worker.start_turn(actor)
        assert entered.wait(DEADLINE)
        assert worker.hands.held.doing is Doing.COMMIT
        successor = watcher.do(lambda: watcher.end_hung(worker, actor))
        let_go.set()
        with pytest.raises(LostError):
            turn.result(DEADLINE)
        watcher.turns(successor)
    assert visits("postgres") == (["one"] if is_done else [])
    assert deliveries("postgres", "state", "attempts") == ([] if is_done else [("retrying", 1)])


@MODES
def test_a_hook_that_hangs_costs_nobody_an_attempt_and_holds_up_nothing_else(lasting_alias, mode, caplog):
    let_go, done = threading.Event(), []

    def hook(note):
        if note == "bad":
            let_go.wait(DEADLINE)
        done.append(note)

    def does(note, using, **_):
        visit(using, note)
        transaction.on_commit(lambda: hook(note), using=using)

    with caplog.at_level(logging.ERROR), receiving(does, timeout=0.3, **mode) as clerk, contextlib.ExitStack() as stack:
        send(lasting_alias, "one", "bad", "two")
        with working(lasting_alias):
            stack.callback(let_go.set)
            eventually(lambda: "two" in visits(lasting_alias) and "hook" in caplog.text)
            send(lasting_alias, "three")
            eventually(lambda: "three" in done)
            assert "bad" not in done
        let_go.set()
        eventually(lambda: "bad" in done)
    assert clerk.notes == visits(lasting_alias) == ["one", "bad", "two", "three"]
    assert deliveries(lasting_alias) == []
    assert f"{CLERK}: a hook of on_commit() has run for more than 0.3 s" in caplog.text


def test_two_events_that_hang_in_one_transaction_are_each_called_once(lasting_alias):
    let_go = threading.Event()

    def does(note, using, **_):
        visit(using, note)
        if note.startswith("bad"):
            let_go.wait(DEADLINE)

    with receiving(does, timeout=0.3, retry=MUCH_LATER) as clerk, contextlib.ExitStack() as stack:
        send(lasting_alias, "one", "bad", "two", "bad too", "three")
        with working(lasting_alias):
            stack.callback(let_go.set)
            eventually(lambda: "three" in visits(lasting_alias))
    assert visits(lasting_alias) == ["one", "two", "three"]
    assert notes_by_state(lasting_alias) == {"retrying": ["bad", "bad too"]}
    assert (clerk.notes.count("bad"), clerk.notes.count("bad too")) == (1, 1)


def test_a_thread_that_has_hung_calls_nobody_when_it_awakes(lasting_alias):
    let_go = threading.Event()

    def does(note, using, **_):
        visit(using, note)
        transaction.on_commit(lambda: let_go.wait(DEADLINE), using=using)

    with receiving(does, batch=1) as clerk, bench(lasting_alias) as watcher, bench(lasting_alias) as worker:
        send(lasting_alias, "one", "two")
        actor = worker.take()
        turn = worker.start_turn(actor)
        eventually(lambda: getattr(worker.hands.held, "doing", None) is Doing.HOOK)
        successor = watcher.do(lambda: watcher.end_hung(worker, actor))
        let_go.set()
        with pytest.raises(LostError):
            turn.result(DEADLINE)
        assert clerk.notes == ["one"]
        watcher.turns(successor)
    assert clerk.notes == visits(lasting_alias) == ["one", "two"]
