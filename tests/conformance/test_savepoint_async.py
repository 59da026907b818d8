"""Asynchronous receivers of a robust sending within a transaction have savepoints of their own too."""

import asyncio

import pytest
from asgiref.sync import async_to_sync
from conformance.databases import COMMITTING
from conformance.visits import break_a_constraint, visit, visits
from django.db import DatabaseError, transaction
from gallery.models import Visit

from heliograph import Signal, receiver

pytestmark = COMMITTING


async def avisit(alias, note):
    await Visit.objects.using(alias).acreate(note=note)


@pytest.fixture
def opened(alias):
    """A signal with asynchronous receivers, one of them failing, between synchronous ones."""
    signal = Signal()

    @receiver(signal, weak=False)
    async def first(**kwargs):
        await avisit(alias, "first")

    @receiver(signal, weak=False)
    async def broken(**kwargs):
        await avisit(alias, "broken")
        await Visit.objects.using(alias).acreate(note="broken", painting_id=None, pk=(await anyones(alias)).pk)

    @receiver(signal, weak=False)
    async def last(**kwargs):
        await asyncio.sleep(0)
        await avisit(alias, "last")

    @receiver(signal, weak=False)
    def broken_synchronous(**kwargs):
        visit(alias, "broken, synchronous")
        break_a_constraint(alias)

    @receiver(signal, weak=False)
    def synchronous(**kwargs):
        visit(alias, "synchronous")

    return signal


async def anyones(alias):
    return await Visit.objects.using(alias).afirst()


def failures(responses):
    return [function.__name__ for function, response in responses if isinstance(response, DatabaseError)]


def test_an_asynchronous_receiver_that_breaks_a_constraint_takes_back_only_its_own_writes(alias, opened):
    with transaction.atomic(using=alias):
        responses = opened.send_robust(None)
        visit(alias, "sender")
    assert failures(responses) == ["broken_synchronous", "broken"]
    assert visits(alias) == ["synchronous", "first", "last", "sender"]


def test_asend_robust_called_from_a_transaction_of_synchronous_code_is_as_robust(alias, opened):
    with transaction.atomic(using=alias):
        responses = async_to_sync(opened.asend_robust)(None)
        visit(alias, "sender")
    assert failures(responses) == ["broken_synchronous", "broken"]
    assert visits(alias) == ["synchronous", "first", "last", "sender"]


def test_within_a_transaction_asynchronous_receivers_run_one_after_another(alias):
    opened, running, most = Signal(), [], []

    def slow(name):
        @receiver(opened, weak=False)
        async def listens(**kwargs):
            running.append(name)
            most.append(len(running))
            await asyncio.sleep(0)
            running.remove(name)

    slow("one"), slow("two")
    with transaction.atomic(using=alias):
        opened.send_robust(None)
    assert most == [1, 1]
    most.clear()
    opened.send_robust(None)
    assert most == [1, 2]


def test_asynchronous_code_outside_a_transaction_keeps_what_each_receiver_wrote(alias, opened):
    visit(alias, "there")
    responses = async_to_sync(opened.asend_robust)(None)
    assert "broken" in failures(responses)
    assert visits(alias)[:3] == ["there", "broken, synchronous", "synchronous"]
    assert {"first", "broken", "last"} <= set(visits(alias))
