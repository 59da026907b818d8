"""`send_robust` in blocks within blocks: each receiver's savepoint lies in the innermost one."""

import contextlib

import pytest
from conformance.databases import COMMITTING
from conformance.visits import break_a_constraint, rolled_back, visit, visits
from django.db import DatabaseError, transaction

from heliograph import Signal, receiver

pytestmark = COMMITTING


@pytest.fixture
def opened(alias):
    """A signal with a receiver that fails after writing and one that writes."""
    signal = Signal()

    @receiver(signal, weak=False)
    def broken(**kwargs):
        visit(alias, "broken")
        break_a_constraint(alias)

    @receiver(signal, weak=False)
    def good(**kwargs):
        visit(alias, "good")

    return signal


def test_a_failing_receiver_leaves_the_inner_and_the_outer_block_usable(alias, opened):
    with transaction.atomic(using=alias):
        visit(alias, "outer")
        with transaction.atomic(using=alias):
            visit(alias, "inner")
            opened.send_robust(None)
            visit(alias, "inner, after")
        visit(alias, "outer, after")
    assert visits(alias) == ["outer", "inner", "good", "inner, after", "outer, after"]


def test_a_block_that_is_rolled_back_takes_the_receivers_writes_with_it(alias, opened):
    with transaction.atomic(using=alias):
        visit(alias, "outer")
        with rolled_back(alias):
            opened.send_robust(None)
    assert visits(alias) == ["outer"]


def test_a_block_without_a_savepoint_of_its_own_survives_a_failing_receiver(alias, opened):
    with transaction.atomic(using=alias), transaction.atomic(using=alias, savepoint=False):
        opened.send_robust(None)
    assert visits(alias) == ["good"]


def test_a_receiver_that_sends_robustly_itself_has_savepoints_within_its_own(alias, opened):
    outer = Signal()

    @receiver(outer)
    def resends(**kwargs):
        visit(alias, "resends")
        opened.send_robust(None)

    @receiver(outer)
    def resends_and_fails(**kwargs):
        opened.send_robust(None)
        raise ValueError

    with transaction.atomic(using=alias):
        responses = dict(outer.send_robust(None))
    assert isinstance(responses[resends_and_fails], ValueError)
    assert visits(alias) == ["resends", "good"]


def test_a_receiver_whose_own_block_fails_takes_back_its_other_writes_too(alias):
    opened = Signal()

    @receiver(opened)
    def broken(**kwargs):
        visit(alias, "before its block")
        with transaction.atomic(using=alias):
            break_a_constraint(alias)

    with transaction.atomic(using=alias):
        visit(alias, "sender")
        opened.send_robust(None)
    assert visits(alias) == ["sender"]


def test_a_receiver_that_handles_its_error_in_a_block_of_its_own_keeps_its_other_writes(alias):
    opened = Signal()

    @receiver(opened)
    def careful(**kwargs):
        visit(alias, "before")
        try:
            with transaction.atomic(using=alias):
                break_a_constraint(alias)
        except DatabaseError:
            visit(alias, "handled")

    with transaction.atomic(using=alias):
        assert opened.send_robust(None) == [(careful, None)]
    assert visits(alias) == ["before", "handled"]


def test_a_receiver_that_swallows_its_database_error_loses_only_its_own_writes(alias):
    opened = Signal()

    @receiver(opened)
    def swallowing(**kwargs):
        visit(alias, "swallowing")
        with contextlib.suppress(DatabaseError):
            break_a_constraint(alias)

    with transaction.atomic(using=alias):
        visit(alias, "sender")
        opened.send_robust(None)
        visit(alias, "sender, after")
    assert visits(alias) == ["sender", "sender, after"]


def test_a_receiver_that_fails_without_a_database_error_takes_back_its_writes_too(alias):
    opened = Signal()

    @receiver(opened)
    def broken(**kwargs):
        visit(alias, "broken")
        raise ValueError("no database is to blame")

    with transaction.atomic(using=alias):
        visit(alias, "sender")
        opened.send_robust(None)
    assert visits(alias) == ["sender"]


def test_a_plain_send_takes_no_savepoints_and_lets_the_error_out(alias, django_assert_num_queries):
    opened = Signal()

    @receiver(opened)
    def broken(**kwargs):
        raise LookupError

    connection = transaction.get_connection(alias)
    with rolled_back(alias), django_assert_num_queries(0, connection=connection), pytest.raises(LookupError):
        opened.send(None)


def test_a_receiver_connected_without_heliographs_decorator_has_no_savepoint(alias):
    opened = Signal()

    def broken(**kwargs):
        visit(alias, "broken")
        raise ValueError

    opened.connect(broken)
    with transaction.atomic(using=alias):
        opened.send_robust(None)
    assert visits(alias) == ["broken"]
