"""Which connections `send_robust` guards: this thread's as they are now, and none outside a transaction."""

import threading

import pytest
from conformance.databases import COMMITTING
from conformance.visits import visit, visits
from django.db import connections, transaction

from heliograph import Signal, receiver

pytestmark = COMMITTING


@pytest.fixture
def opened(lasting_alias):
    signal = Signal()

    @receiver(signal, weak=False)
    def broken(**kwargs):
        visit(lasting_alias, "broken")
        raise ValueError

    return signal


def in_a_thread(function):
    """Run a function in a thread with connections of its own, and raise what it raises."""
    raised = []

    def run():
        try:
            function()
        except BaseException as error:  # noqa: BLE001 - raised again below
            raised.append(error)
        finally:
            connections.close_all()

    thread = threading.Thread(target=run)
    thread.start()
    thread.join(60)
    assert not thread.is_alive()
    for error in raised:
        raise error


def test_outside_a_transaction_no_query_is_made(lasting_alias, django_assert_num_queries):
    opened = Signal()

    @receiver(opened)
    def listens(**kwargs):
        return "heard"

    with django_assert_num_queries(0, connection=connections[lasting_alias]):
        assert opened.send_robust(None) == [(listens, "heard")]


def test_a_process_that_uses_no_database_does_not_open_one(lasting_alias):
    opened, initialized = Signal(), []

    @receiver(opened)
    def listens(**kwargs):
        initialized.append(connections.all(initialized_only=True))

    in_a_thread(lambda: opened.send_robust(None))
    assert initialized == [[]]


def test_a_receiver_costs_its_transaction_one_savepoint(lasting_alias, django_assert_num_queries):
    opened = Signal()

    @receiver(opened)
    def one(**kwargs): ...

    @receiver(opened)
    def other(**kwargs): ...

    connection = connections[lasting_alias]
    with transaction.atomic(using=lasting_alias), django_assert_num_queries(4, connection=connection):
        opened.send_robust(None)


def test_a_connection_that_the_thread_opens_after_its_first_sending_is_guarded(lasting_alias, opened):
    earlier = Signal()

    @receiver(earlier)
    def listens(**kwargs): ...

    def sends_and_connects():
        earlier.send_robust(None)
        with transaction.atomic(using=lasting_alias):
            visit(lasting_alias, "sender")
            opened.send_robust(None)

    in_a_thread(sends_and_connects)
    assert visits(lasting_alias) == ["sender"]


def test_each_thread_guards_its_own_transaction(lasting_alias, opened):
    with transaction.atomic(using=lasting_alias):
        opened.send_robust(None)
    in_a_thread(lambda: opened.send_robust(None))
    assert visits(lasting_alias) == ["broken"]  # from the thread, which had no transaction to take it back in


def test_a_connection_that_was_closed_and_opened_again_is_guarded(lasting_alias, opened):
    for _ in range(2):
        with transaction.atomic(using=lasting_alias):
            opened.send_robust(None)
        connections[lasting_alias].close()
    assert visits(lasting_alias) == []


def test_a_connection_that_took_the_place_of_another_is_guarded(lasting_alias, opened):
    def replaces():
        with transaction.atomic(using=lasting_alias):
            opened.send_robust(None)
        connections[lasting_alias].close()
        del connections[lasting_alias]
        with transaction.atomic(using=lasting_alias):
            opened.send_robust(None)

    in_a_thread(replaces)
    assert visits(lasting_alias) == []


def test_a_manual_transaction_without_an_atomic_block_is_left_alone(lasting_alias, opened):
    transaction.set_autocommit(False, using=lasting_alias)
    try:
        opened.send_robust(None)
        transaction.commit(using=lasting_alias)
    finally:
        transaction.set_autocommit(True, using=lasting_alias)
    assert visits(lasting_alias) == ["broken"]


def test_a_doomed_transaction_gives_the_receivers_errors_and_stays_doomed(lasting_alias):
    opened = Signal()

    @receiver(opened)
    def listens(**kwargs):
        visit(lasting_alias, "listens")

    with transaction.atomic(using=lasting_alias):
        transaction.set_rollback(True, using=lasting_alias)
        ((_, response),) = opened.send_robust(None)
        assert isinstance(response, transaction.TransactionManagementError)
        assert transaction.get_rollback(using=lasting_alias)
    assert visits(lasting_alias) == []
