"""Errors that come at COMMIT, and hooks that are left for after it."""

import contextlib
import logging
from functools import partial

import pytest
from conformance.databases import COMMITTING
from conformance.deliveries import (
    AT_ONCE,
    MUCH_LATER,
    bench,
    deliveries,
    errors,
    make_due,
    notes_by_state,
    receiving,
    send,
    send_keyed,
    work,
)
from conformance.logs import sessions
from conformance.visits import visit, visits
from django.db import IntegrityError, connections, transaction
from gallery.models import Visit

from heliograph.delivery.worker import actor as actors
from heliograph.delivery.worker import pages

pytestmark = COMMITTING

MODES = pytest.mark.parametrize("mode", [{}, {"batch": 1}, {"batch": 10}], ids=["shared", "one", "batch"])


@pytest.fixture(autouse=True)
def share_for_long(monkeypatch):
    monkeypatch.setattr(pages, "SHARED_SECONDS", {"postgresql": 60, "sqlite": 60})


def refer_to_nothing(note, using, **_):
    """Break a foreign key that is checked at COMMIT."""
    visit(using, note)
    if note.startswith("bad"):
        Visit.objects.using(using).create(note=note, painting_id=10**9)


@MODES
def test_a_foreign_key_that_is_broken_at_commit_is_the_failed_attempt_of_its_event(lasting_alias, mode):
    with receiving(refer_to_nothing, retry=AT_ONCE, **mode):
        send(lasting_alias, "one", "bad 1", "two", "bad 2", "three")
        work(lasting_alias)
    assert visits(lasting_alias) == ["one", "two", "three"]
    assert notes_by_state(lasting_alias) == {"dead": ["bad 1", "bad 2"]}
    for delivery in deliveries(lasting_alias):
        assert delivery.attempts == 3
        assert [error["type"] for error in errors(delivery)] == ["django.db.utils.IntegrityError"] * 3


def test_what_is_deferred_is_checked_behind_each_event_so_that_no_other_is_run_again():
    with receiving(refer_to_nothing, retry=MUCH_LATER) as clerk:
        send("postgres", "one", "bad", "two")
        work("postgres")
    assert clerk.notes == ["one", "bad", "two"]


@MODES
def test_a_key_that_is_troubled_at_commit_waits(lasting_alias, mode):
    with receiving(refer_to_nothing, **mode):
        send(lasting_alias, "one", "bad", "two", key="k")
        work(lasting_alias)
    assert visits(lasting_alias) == ["one"]
    assert notes_by_state(lasting_alias) == {"retrying": ["bad"], "held": ["two"]}


@pytest.fixture
def deferrable_unique():
    """A unique constraint that PostgreSQL checks at COMMIT."""
    with connections["postgres"].cursor() as cursor:
        cursor.execute("alter table gallery_visit add constraint once unique (note) deferrable initially deferred")
        yield
        cursor.execute("alter table gallery_visit drop constraint once")


@MODES
@pytest.mark.usefixtures("deferrable_unique")
def test_a_unique_constraint_that_is_broken_at_commit_is_the_failed_attempt_of_its_event(mode):
    def does(note, using, **_):
        visit(using, note)
        if note == "bad":
            visit(using, "one")

    with receiving(does, retry=AT_ONCE, **mode):
        send("postgres", "one", "bad", "two")
        work("postgres")
    assert visits("postgres") == ["one", "two"]
    assert notes_by_state("postgres") == {"dead": ["bad"]}


@MODES
@pytest.mark.usefixtures("deferrable_unique")
def test_a_constraint_may_be_broken_for_a_while_in_every_event(mode):
    def swap(note, using, **_):
        visit(using, "same")
        Visit.objects.using(using).create(note="same")
        Visit.objects.using(using).filter(note="same").delete()
        visit(using, note)

    with receiving(swap, retry=AT_ONCE, **mode):
        send("postgres", "one", "two", "three")
        work("postgres")
    assert visits("postgres") == ["one", "two", "three"]


QUOTED = '"of ""all"" $$ {times} %s"'


@pytest.mark.parametrize("gone", [False, True], ids=["there", "gone since"])
def test_what_is_immediate_at_first_is_immediate_for_every_event(gone):
    """A receiver may rely on the error of its own statement, whoever has shared its transaction before."""

    def does(note, using, **_):
        with contextlib.suppress(IntegrityError), transaction.atomic(using=using):
            visit(using, note)
            visit(using, note)
        visit(using, f"{note}, told")

    with connections["postgres"].cursor() as cursor, receiving(does) as clerk:
        table = "alter table gallery_visit"
        cursor.execute(f"{table} add constraint {QUOTED} unique (note) deferrable initially immediate")
        cursor.execute(f"{table} add constraint gone unique (note, id) deferrable initially immediate")
        try:
            send("postgres", "one", "two", "three")
            with bench("postgres") as worker:
                if gone:
                    cursor.execute(f"{table} drop constraint gone")
                worker.turns(worker.take())
        finally:
            cursor.execute(f"{table} drop constraint {QUOTED}, drop constraint if exists gone")
    assert visits("postgres") == ["one, told", "two, told", "three, told"]
    assert clerk.notes == ["one", "two", "three"]
    assert deliveries("postgres") == []


@MODES
def test_hooks_run_after_the_commit_once_for_each_event(lasting_alias, mode):
    seen = []

    def does(note, using, **_):
        visit(using, note)
        transaction.on_commit(lambda: seen.append((note, note in visible())), using=using)

    with sessions(lasting_alias) as session:
        other = session()

        def visible():
            return [row[0] for row in other.execute("select note from gallery_visit")]

        with receiving(does, **mode):
            send(lasting_alias, "one", "two")
            work(lasting_alias)
    assert seen == [("one", True), ("two", True)]


def fail(error, *_):
    raise error


@MODES
@pytest.mark.parametrize("error", [ValueError("hook"), SystemExit(1)], ids=["error", "exit"])
def test_hooks_that_raise_are_logged_and_change_no_outcome(lasting_alias, mode, error, caplog):
    done = []

    def does(note, using, **_):
        visit(using, note)
        transaction.on_commit(partial(fail, error), using=using)
        transaction.on_commit(lambda: done.append(note), using=using)

    with caplog.at_level(logging.ERROR), receiving(does, **mode):
        send_keyed(lasting_alias, "one", "two", "three")
        work(lasting_alias)
    assert visits(lasting_alias) == done == ["one", "two", "three"]
    assert deliveries(lasting_alias) == []
    raised = [record for record in caplog.records if "on_commit" in record.getMessage()]
    assert len(raised) == 3


def test_hooks_of_a_later_attempt_are_run_and_guarded_too(lasting_alias, caplog):
    tries, done = [], []

    def does(note, using, **_):
        transaction.on_commit(lambda: done.append(len(tries)), using=using)
        transaction.on_commit(partial(fail, ValueError("hook")), using=using)
        tries.append(note)
        if len(tries) == 1:
            raise ValueError("first")

    with caplog.at_level(logging.CRITICAL), receiving(does, retry=AT_ONCE):
        send(lasting_alias, "one")
        work(lasting_alias)
    assert done == [2]
    assert deliveries(lasting_alias) == []


@MODES
def test_a_hook_that_closes_the_connection_costs_no_event(lasting_alias, caplog, monkeypatch, mode):
    def does(note, using, **_):
        visit(using, note)
        transaction.on_commit(lambda: connections[using].close(), using=using)

    monkeypatch.setattr(actors, "PAGE", 2)
    with caplog.at_level(logging.WARNING), receiving(does, **mode) as clerk:
        send(lasting_alias, "one", "two", "three", "four", "five")
        work(lasting_alias)
    assert clerk.notes == visits(lasting_alias) == ["one", "two", "three", "four", "five"]
    assert deliveries(lasting_alias) == []
    assert caplog.messages == []


@MODES
def test_a_later_attempt_that_breaks_a_constraint_at_commit_is_a_failed_one(lasting_alias, mode):
    tries = []

    def does(note, using, **_):
        tries.append(note)
        if len(tries) == 1:
            raise ValueError("first")
        refer_to_nothing(note, using)

    with receiving(does, **mode):
        send(lasting_alias, "bad")
        work(lasting_alias)
        make_due(lasting_alias)
        work(lasting_alias)
    (delivery,) = deliveries(lasting_alias)
    assert (delivery.state, delivery.attempts) == ("retrying", 2)
    assert errors(delivery)[-1]["type"] == "django.db.utils.IntegrityError"
