"""`@receiver(..., on_commit=True)`: when it runs, and when it never does."""

import functools

import pytest
from conformance.databases import COMMITTING
from conformance.visits import UndoError, rolled_back, visit, visits
from django.db import transaction

from heliograph import Signal, receiver

pytestmark = COMMITTING


@pytest.fixture
def ran():
    return []


@pytest.fixture
def opened(ran):
    """A signal with a receiver that notes what it is sent, after the commit."""
    signal = Signal()

    @receiver(signal, on_commit=True, weak=False)
    def after(note, **kwargs):
        ran.append(note)

    return signal


def test_it_runs_after_the_outermost_commit(alias, opened, ran):
    with transaction.atomic(using=alias):
        with transaction.atomic(using=alias):
            opened.send(None, note="inner", using=alias)
        assert ran == []
    assert ran == ["inner"]


def test_it_finds_the_rows_of_the_transaction_committed_and_no_transaction_open(alias):
    opened, found = Signal(), []

    @receiver(opened, on_commit=True)
    def after(**kwargs):
        connection = transaction.get_connection(alias)
        found.append((visits(alias), connection.in_atomic_block, connection.get_autocommit()))

    with transaction.atomic(using=alias):
        opened.send(None, using=alias)
        visit(alias, "later in the transaction")
    assert found == [(["later in the transaction"], False, True)]


def test_it_is_dropped_with_the_transaction(alias, opened, ran):
    with rolled_back(alias):
        opened.send(None, note="never", using=alias)
    assert ran == []


def test_it_is_dropped_with_its_savepoint_and_the_others_run(alias, opened, ran):
    with transaction.atomic(using=alias):
        opened.send(None, note="before", using=alias)
        with rolled_back(alias):
            opened.send(None, note="never", using=alias)
            with transaction.atomic(using=alias):
                opened.send(None, note="never either", using=alias)
        opened.send(None, note="after", using=alias)
    assert ran == ["before", "after"]


def test_in_autocommit_it_runs_at_once(alias, opened, ran):
    opened.send(None, note="at once", using=alias)
    assert ran == ["at once"]


def test_a_robust_sending_delivers_it_alike(alias, opened, ran):
    with transaction.atomic(using=alias):
        opened.send_robust(None, note="robust", using=alias)
        assert ran == []
    assert ran == ["robust"]


def test_it_keeps_its_place_among_hooks_registered_by_hand(alias, opened, ran):
    with transaction.atomic(using=alias):
        transaction.on_commit(functools.partial(ran.append, "hook before"), using=alias)
        opened.send(None, note="receiver", using=alias)
        transaction.on_commit(functools.partial(ran.append, "hook after"), using=alias)
    assert ran == ["hook before", "receiver", "hook after"]


def test_receivers_that_run_now_run_in_the_transaction_and_those_on_commit_after_it(alias, ran):
    opened = Signal()

    @receiver(opened, on_commit=True)
    def after(**kwargs):
        ran.append(("after", transaction.get_connection(alias).in_atomic_block))

    @receiver(opened)
    def now(**kwargs):
        ran.append(("now", transaction.get_connection(alias).in_atomic_block))

    with transaction.atomic(using=alias):
        opened.send(None, using=alias)
    assert ran == [("now", True), ("after", False)]


def test_a_transaction_opened_by_an_on_commit_receiver_has_on_commit_receivers_of_its_own(alias, opened, ran):
    first = Signal()

    @receiver(first, on_commit=True)
    def opens_another(**kwargs):
        with transaction.atomic(using=alias):
            opened.send(None, note="second transaction", using=alias)
            ran.append("still in it")

    with transaction.atomic(using=alias):
        first.send(None, using=alias)
    assert ran == ["still in it", "second transaction"]


def test_one_function_on_commit_for_two_senders_runs_for_each_sending(alias, ran):
    opened = Signal()

    class House: ...

    class Garden: ...

    @receiver(opened, sender=House, on_commit=True)
    @receiver(opened, sender=Garden, on_commit=True)
    def after(sender, **kwargs):
        ran.append(sender)

    with transaction.atomic(using=alias):
        opened.send(Garden, using=alias)
        opened.send(House, using=alias)
        opened.send(None, using=alias)
    assert ran == [Garden, House]


def test_a_function_connected_both_ways_by_stacked_decorators_keeps_each_signals_way(alias, ran):
    opened, closed = Signal(), Signal()

    @receiver(opened)
    @receiver(closed, on_commit=True)
    def listens(signal, **kwargs):
        ran.append("opened" if signal is opened else "closed")

    with transaction.atomic(using=alias):
        closed.send(None, using=alias)
        opened.send(None, using=alias)
    assert ran == ["opened", "closed"]


def test_an_error_of_the_sender_after_the_sending_drops_it(alias, opened, ran):
    @transaction.atomic(using=alias)
    def act():
        opened.send(None, note="never", using=alias)
        raise UndoError

    with pytest.raises(UndoError):
        act()
    assert ran == []


def test_an_error_of_another_receiver_that_ends_the_transaction_drops_it(alias, opened, ran):
    @receiver(opened)
    def broken(**kwargs):
        raise UndoError

    with pytest.raises(UndoError), transaction.atomic(using=alias):
        opened.send(None, note="never", using=alias)
    assert ran == []
