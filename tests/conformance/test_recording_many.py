"""Several sendings at once: their events are one statement in the sender's transaction."""

import pytest
from asgiref.sync import async_to_sync
from conformance.databases import COMMITTING
from conformance.recordings import durable, opened, recorded_arguments
from conformance.visits import UndoError, rolled_back
from django.db import connections, transaction
from django.test.utils import CaptureQueriesContext

from heliograph import receiver
from heliograph.errors import PayloadError

pytestmark = COMMITTING


@pytest.fixture(autouse=True)
def durable_first(settings):
    settings.HELIOGRAPH = {"OUTSIDE_TRANSACTION": "allow"}
    with durable(opened):
        yield


@pytest.fixture(params=["send_many", "asend_many"])
def send_many(request):
    """Each way to send several at once."""
    return opened.send_many if request.param == "send_many" else async_to_sync(opened.asend_many)


def numbered(alias, *numbers):
    return [{"number": number, "using": alias} for number in numbers]


def numbers(alias):
    return [each["number"] for each in recorded_arguments(alias)]


def test_they_are_recorded_in_their_order_by_one_statement(alias, send_many):
    with transaction.atomic(using=alias):
        opened.send(None, number=0, using=alias)  # registers
    with transaction.atomic(using=alias), CaptureQueriesContext(connections[alias]) as queries:
        send_many(None, numbered(alias, *range(1, 20)))
    assert len(queries) == 1
    assert numbers(alias) == list(range(20))


def test_a_rollback_leaves_none(alias, send_many):
    with transaction.atomic(using=alias):
        with rolled_back(alias):
            send_many(None, numbered(alias, 1, 2))
        send_many(None, numbered(alias, 3))
    with rolled_back(alias):
        send_many(None, numbered(alias, 4, 5))
    assert numbers(alias) == [3]


def test_each_is_recorded_in_its_database(alias, send_many):
    with transaction.atomic(using=alias), transaction.atomic(using="archive"):
        send_many(None, [*numbered(alias, 1), *numbered("archive", 2), *numbered(alias, 3)])
    assert (numbers(alias), numbers("archive")) == ([1, 3], [2])


def test_one_that_cannot_be_recorded_keeps_all_from_it(alias, send_many):
    sent = [*numbered(alias, 1), {"number": object(), "using": alias}, *numbered(alias, 3)]
    with transaction.atomic(using=alias), pytest.raises(PayloadError, match="number is of type"):
        send_many(None, sent)
    with pytest.raises(PayloadError):
        send_many(None, sent)
    assert numbers(alias) == []


@pytest.fixture
def failing():
    """A receiver that fails in the sender's transaction at the second sending."""

    @receiver(opened)
    def fail(number, **kwargs):
        if number == 2:
            raise UndoError

    yield
    opened.disconnect(fail)


@pytest.mark.usefixtures("failing")
def test_a_receiver_that_fails_takes_all_back_with_the_transaction_and_none_without(alias, send_many):
    with pytest.raises(UndoError), transaction.atomic(using=alias):
        send_many(None, numbered(alias, 1, 2, 3))
    assert numbers(alias) == []
    with pytest.raises(UndoError):
        send_many(None, numbered(alias, 1, 2, 3))
    assert numbers(alias) == [1, 2, 3]
