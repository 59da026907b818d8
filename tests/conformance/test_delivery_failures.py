"""What becomes of an event whose receiver fails, and of those that share its transaction."""

import contextlib
import os
import socket
import sys
import time
from datetime import datetime, timedelta

import pytest
from conformance.databases import COMMITTING
from conformance.deliveries import (
    AT_ONCE,
    DEADLINE,
    MUCH_LATER,
    deliveries,
    errors,
    make_due,
    notes_by_state,
    receiving,
    send,
    work,
)
from conformance.visits import break_a_constraint, visit, visits
from django.db import connections, transaction
from django.utils import timezone
from gallery.models import Painting

from heliograph import Reject, RetryLater, RetryPolicy
from heliograph.delivery.worker import membership, pages

pytestmark = COMMITTING

#: Each way in which events run within transactions.
MODES = pytest.mark.parametrize("mode", [{}, {"batch": 1}, {"batch": 10}], ids=["shared", "one", "batch"])
#: Those, and the way without.
ALL_MODES = pytest.mark.parametrize(
    "mode", [{}, {"batch": 1}, {"batch": 10}, {"atomic": False}], ids=["shared", "one", "batch", "loose"]
)


def failing_with(error):
    """Do the work of a receiver that fails at its bad notes."""

    def does(note, using, **_):
        visit(using, note)
        if note.startswith("bad"):
            raise error() if isinstance(error, type) else error

    return does


def deliver(alias, does, *notes, **options):
    with receiving(does, **options) as clerk:
        send(alias, *notes)
        work(alias)
    return clerk


@MODES
def test_the_work_of_a_failing_event_is_rolled_back_and_that_of_others_stays(lasting_alias, mode, monkeypatch):
    monkeypatch.setattr(pages, "SHARED_SECONDS", {"postgresql": 60, "sqlite": 60})
    hooks = []

    def does(note, using, **_):
        visit(using, note)
        transaction.on_commit(lambda: hooks.append(note), using=using)
        if note.startswith("bad"):
            raise ValueError(note)

    deliver(lasting_alias, does, "one", "bad 1", "two", "bad 2", "bad 3", "three", retry=MUCH_LATER, **mode)
    assert visits(lasting_alias) == hooks == ["one", "two", "three"]
    assert notes_by_state(lasting_alias) == {"retrying": ["bad 1", "bad 2", "bad 3"]}


@ALL_MODES
def test_the_record_of_an_error(lasting_alias, mode):
    before = timezone.now()
    deliver(lasting_alias, failing_with(LookupError("no such note")), "bad", retry=MUCH_LATER, **mode)
    (delivery,) = deliveries(lasting_alias)
    assert (delivery.state, delivery.attempts, delivery.kills, delivery.key) == ("retrying", 1, 0, None)
    (error,) = errors(delivery)
    assert (error["type"], error["message"]) == ("LookupError", "no such note")
    assert "raise error() if isinstance(error, type) else error" in error["traceback"]
    assert error["traceback"].endswith("LookupError: no such note\n")
    assert error["worker"] == membership.name()
    assert before - timedelta(seconds=1) < datetime.fromisoformat(error["at"]) < timezone.now() + timedelta(seconds=1)


@ALL_MODES
def test_after_its_last_attempt_an_event_is_dead(lasting_alias, mode):
    clerk = deliver(lasting_alias, failing_with(ValueError), "bad", "good", retry=AT_ONCE, **mode)
    assert clerk.notes.count("bad") == 3 + ("batch" in mode and mode["batch"] > 1), "a batch is redone"
    (delivery,) = deliveries(lasting_alias)
    assert (delivery.state, delivery.attempts) == ("dead", 3)
    assert len(errors(delivery)) == 3
    with receiving(retry=AT_ONCE, **mode) as clerk:
        make_due(lasting_alias)
        work(lasting_alias)
    assert clerk.notes == [], "a dead one is not run again"


@ALL_MODES
def test_a_single_attempt_makes_a_dead_letter(lasting_alias, mode):
    deliver(lasting_alias, failing_with(ValueError), "bad", retry=RetryPolicy(max_attempts=1), **mode)
    assert deliveries(lasting_alias, "state", "attempts") == [("dead", 1)]


@ALL_MODES
def test_a_later_attempt_that_succeeds_leaves_nothing(lasting_alias, mode):
    tries = []

    def second_time(note, using, **_):
        visit(using, note)
        tries.append(note)
        if len(tries) < 2:
            raise ValueError("not yet")

    deliver(lasting_alias, second_time, "one", retry=AT_ONCE, **mode)
    assert len(tries) == 2
    assert deliveries(lasting_alias) == []
    assert visits(lasting_alias)[-1:] == ["one"]


def test_the_waits_are_those_of_the_policy(lasting_alias):
    policy = RetryPolicy(base_seconds=1000, max_seconds=3000, jitter=False)
    waits = []
    with receiving(failing_with(ValueError), retry=policy):
        send(lasting_alias, "bad")
        for _ in range(4):
            work(lasting_alias)
            (delivery,) = deliveries(lasting_alias)
            waits.append((delivery.due_at - timezone.now()).total_seconds())
            make_due(lasting_alias)
    assert waits == pytest.approx([1000, 2000, 3000, 3000], abs=DEADLINE)


def test_what_is_not_due_is_left_alone(lasting_alias):
    with receiving(failing_with(ValueError), retry=MUCH_LATER) as clerk:
        send(lasting_alias, "bad")
        work(lasting_alias)
        work(lasting_alias)
    assert clerk.notes == ["bad"]


@ALL_MODES
def test_asking_for_later_spends_no_attempt(lasting_alias, mode):
    with receiving(failing_with(RetryLater(500)), retry=MUCH_LATER, **mode) as clerk:
        send(lasting_alias, "bad")
        for _ in range(3):
            work(lasting_alias)
            (delivery,) = deliveries(lasting_alias)
            assert (delivery.state, delivery.attempts, errors(delivery)) == ("retrying", 0, [])
            assert (delivery.due_at - timezone.now()).total_seconds() == pytest.approx(500, abs=DEADLINE)
            make_due(lasting_alias)
    assert len(clerk.calls) in (3, 4), "a batch is redone"
    if mode.get("atomic", True):
        assert visits(lasting_alias) == []


@ALL_MODES
def test_a_rejected_event_is_dead_at_once(lasting_alias, mode):
    clerk = deliver(lasting_alias, failing_with(Reject("of no use")), "bad", "good", **mode)
    assert sorted(clerk.notes) in (["bad", "good"], ["bad", "bad", "good"])
    (delivery,) = deliveries(lasting_alias)
    assert (delivery.state, delivery.attempts) == ("dead", 1)
    (error,) = errors(delivery)
    assert (error["type"], error["message"]) == ("heliograph.Reject", "of no use")


def test_a_rejection_in_a_later_attempt_keeps_the_errors_before_it(lasting_alias):
    answers = [ValueError("first"), Reject("second")]

    def does(**_):
        raise answers.pop(0)

    deliver(lasting_alias, does, "bad", retry=AT_ONCE)
    (delivery,) = deliveries(lasting_alias)
    assert [error["message"] for error in errors(delivery)] == ["first", "second"]
    assert (delivery.state, delivery.attempts) == ("dead", 2)


@ALL_MODES
def test_what_would_end_a_process_is_a_failed_attempt(lasting_alias, mode):
    error = SystemExit(3)
    deliver(lasting_alias, failing_with(error), "bad", "good", retry=AT_ONCE, **mode)
    assert "good" in visits(lasting_alias)
    (delivery,) = deliveries(lasting_alias)
    assert (delivery.state, delivery.attempts) == ("dead", 3)
    assert errors(delivery)[0]["type"] == type(error).__name__


def swallow(note, using, **_):
    """Catch an error of the database that PostgreSQL's transaction does not survive."""
    visit(using, note)
    if note.startswith("bad"):
        with contextlib.suppress(Exception):
            break_a_constraint(using)


def swallow_within(note, using, **_):
    """Catch an error that has broken the transaction for Django."""
    visit(using, note)
    if note.startswith("bad"):
        try:
            with transaction.atomic(using=using, savepoint=False):
                break_a_constraint(using)
        except Exception:  # noqa: BLE001
            pass


@MODES
def test_an_error_of_the_database_that_is_swallowed_harms_no_other_event(lasting_alias, mode):
    deliver(lasting_alias, swallow_within, "one", "bad", "two", retry=AT_ONCE, **mode)
    assert visits(lasting_alias) == ["one", "two"]
    assert notes_by_state(lasting_alias) == {"dead": ["bad"]}
    assert "transaction.atomic()" in errors(deliveries(lasting_alias)[0])[0]["message"]


@MODES
def test_a_broken_transaction_that_django_does_not_know_of_harms_no_other_event(mode):
    deliver("postgres", swallow, "one", "bad", "two", retry=AT_ONCE, **mode)
    assert visits("postgres") == ["one", "two"]
    assert notes_by_state("postgres") == {"dead": ["bad"]}


@MODES
def test_a_receivers_savepoints_are_its_own_affair(lasting_alias, mode):
    def does(note, using, **_):
        visit(using, note)
        try:
            with transaction.atomic(using=using):
                break_a_constraint(using)
        except Exception:  # noqa: BLE001
            visit(using, f"{note} caught")

    deliver(lasting_alias, does, "one", "two", **mode)
    assert visits(lasting_alias) == ["one", "one caught", "two", "two caught"]
    assert Painting.objects.using(lasting_alias).count() == 0


@MODES
def test_a_receiver_that_sets_its_transaction_to_roll_back_has_failed(lasting_alias, mode):
    def does(note, using, **_):
        visit(using, note)
        if note == "bad":
            transaction.set_rollback(True, using=using)

    deliver(lasting_alias, does, "one", "bad", "two", retry=AT_ONCE, **mode)
    assert visits(lasting_alias) == ["one", "two"]
    assert notes_by_state(lasting_alias) == {"dead": ["bad"]}


class UnprintableError(Exception):
    """Raises when it is to be printed."""

    def __str__(self):
        raise RuntimeError("no words")

    __repr__ = __str__


class LeavingError(Exception):
    """Would end the process when it is printed."""

    def __str__(self):
        sys.exit(1)


class OddError(Exception):
    """Has something to say that no database takes."""

    def __str__(self):
        return "a\x00b \ud800 c"


@pytest.mark.parametrize("error", [UnprintableError, LeavingError, OddError])
def test_an_exception_that_cannot_be_printed_or_stored_is_recorded(lasting_alias, error):
    deliver(lasting_alias, failing_with(error), "bad", "good", retry=AT_ONCE)
    assert "good" in visits(lasting_alias)
    (delivery,) = deliveries(lasting_alias)
    assert delivery.state == "dead"
    assert [each["type"].rpartition(".")[2] for each in errors(delivery)] == [error.__name__] * 3


def test_a_very_long_message_is_kept_in_part(lasting_alias):
    deliver(lasting_alias, failing_with(ValueError("x" * 1_000_000)), "bad", retry=AT_ONCE)
    (delivery,) = deliveries(lasting_alias)
    assert len(delivery.errors) < 50_000


def test_a_row_whose_errors_are_broken_goes_on(lasting_alias):
    from heliograph.models import Delivery

    with receiving(failing_with(ValueError), retry=MUCH_LATER):
        send(lasting_alias, "bad")
        work(lasting_alias)
        Delivery.objects.using(lasting_alias).update(errors="no JSON")
        make_due(lasting_alias)
        work(lasting_alias)
    (delivery,) = deliveries(lasting_alias)
    assert (delivery.attempts, len(errors(delivery))) == (2, 1)


@MODES
@pytest.mark.parametrize("answer", ["returns", "raises"])
def test_a_receiver_that_closes_its_connection_is_not_run_for_ever(lasting_alias, mode, answer):
    def does(note, using, **_):
        visit(using, note)
        if note == "bad":
            connections[using].close()
            if answer == "raises":
                raise ValueError("closed")

    clerk = deliver(lasting_alias, does, "one", "bad", "two", **mode)
    assert visits(lasting_alias) == ["one", "two"]
    assert clerk.notes.count("bad") <= 2
    assert deliveries(lasting_alias, "state", "kills", "attempts") == [("retrying", 1, 0)]


def test_without_a_transaction_a_receiver_may_close_its_connection(lasting_alias):
    def does(note, using, **_):
        visit(using, note)
        connections[using].close()
        if note == "bad":
            raise ValueError("and fails")

    deliver(lasting_alias, does, "one", "bad", "two", atomic=False, retry=MUCH_LATER)
    assert visits(lasting_alias) == ["one", "bad", "two"]
    assert deliveries(lasting_alias, "state", "kills", "attempts") == [("retrying", 0, 1)]


@ALL_MODES
@pytest.mark.parametrize("answer", ["returns", "raises"])
def test_a_session_that_the_server_ends_is_a_crash_of_the_event_in_hand(mode, answer):
    def does(note, using, **_):
        visit(using, note)
        if note == "bad":
            with connections[using].cursor() as cursor:
                try:
                    cursor.execute("select pg_terminate_backend(pg_backend_pid())")
                except Exception:  # noqa: BLE001
                    if answer == "raises":
                        raise ValueError("something of its own") from None

    with receiving(does, retry=AT_ONCE, **mode) as clerk:
        send("postgres", "one", "bad", "two")
        work("postgres")
    assert clerk.notes.count("two") >= 1
    assert {"one", "two"} <= set(visits("postgres"))
    (delivery,) = deliveries("postgres")
    assert (delivery.state, delivery.kills, delivery.attempts) == ("dead", 3, 0)
    assert len(errors(delivery)) == 3
    assert all(error["message"] for error in errors(delivery))


def test_a_session_that_the_network_ends_is_a_crash_of_the_event_in_hand():
    def does(note, using, **_):
        visit(using, note)
        if note == "bad":
            with socket.socket(fileno=os.dup(connections[using].connection.fileno())) as line:
                line.shutdown(socket.SHUT_RDWR)

    with receiving(does, retry=AT_ONCE) as clerk:
        send("postgres", "one", "bad", "two")
        work("postgres")
    assert sorted(visits("postgres")) == ["one", "two"]
    (delivery,) = deliveries("postgres")
    assert (delivery.state, delivery.kills, delivery.attempts) == ("dead", 3, 0)
    assert clerk.notes.count("bad") == 3


def test_a_slow_failure_holds_no_lock_of_the_next(lasting_alias):
    def does(note, using, **_):
        visit(using, note)
        if note == "bad":
            time.sleep(0.05)
            raise ValueError("slow")

    deliver(lasting_alias, does, "bad", "good", retry=MUCH_LATER)
    assert visits(lasting_alias) == ["good"]
