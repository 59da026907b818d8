"""`transaction.on_commit` in receivers of `send_robust`: hooks share the fate of the receiver's writes."""

import functools

import pytest
from conformance.databases import COMMITTING
from conformance.visits import break_a_constraint, rolled_back
from django.db import transaction

from heliograph import Signal, receiver

pytestmark = COMMITTING


@pytest.fixture
def ran():
    return []


@pytest.fixture
def opened(alias, ran):
    """A signal whose three receivers each register a hook; the one in the middle fails."""
    signal = Signal()

    @receiver(signal, weak=False)
    def first(**kwargs):
        transaction.on_commit(functools.partial(ran.append, "first"), using=alias)

    @receiver(signal, weak=False)
    def broken(**kwargs):
        transaction.on_commit(functools.partial(ran.append, "broken"), using=alias)
        break_a_constraint(alias)

    @receiver(signal, weak=False)
    def last(**kwargs):
        transaction.on_commit(functools.partial(ran.append, "last"), using=alias)

    return signal


def test_the_hooks_of_a_failing_receiver_are_dropped_and_the_others_run_in_order(alias, opened, ran):
    with transaction.atomic(using=alias):
        transaction.on_commit(functools.partial(ran.append, "sender before"), using=alias)
        opened.send_robust(None)
        transaction.on_commit(functools.partial(ran.append, "sender after"), using=alias)
        assert ran == []
    assert ran == ["sender before", "first", "last", "sender after"]


def test_no_hook_runs_when_the_senders_transaction_is_rolled_back(alias, opened, ran):
    with rolled_back(alias):
        opened.send_robust(None)
    assert ran == []


def test_an_on_commit_receiver_of_a_signal_that_a_failing_receiver_sent_is_dropped(alias, ran):
    opened, closed = Signal(), Signal()

    @receiver(closed, on_commit=True)
    def after(**kwargs):
        ran.append(kwargs["by"])

    @receiver(opened)
    def broken(**kwargs):
        closed.send(None, by="broken", using=alias)
        break_a_constraint(alias)

    @receiver(opened)
    def good(**kwargs):
        closed.send(None, by="good", using=alias)

    with transaction.atomic(using=alias):
        opened.send_robust(None)
    assert ran == ["good"]
