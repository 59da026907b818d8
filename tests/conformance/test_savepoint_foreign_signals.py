"""Savepoints on signals that are not Heliograph's: plain ones of `django.dispatch`, connected by our `receiver`."""

import django.dispatch
import pytest
from asgiref.sync import async_to_sync
from conformance.databases import COMMITTING
from conformance.visits import break_a_constraint, visit, visits
from django.db import DatabaseError, transaction
from gallery.models import Visit

from heliograph import receiver

pytestmark = COMMITTING


@pytest.fixture
def opened(alias):
    signal = django.dispatch.Signal()

    @receiver(signal, weak=False)
    def broken(**kwargs):
        visit(alias, "broken")
        break_a_constraint(alias)

    @receiver(signal, weak=False)
    def good(**kwargs):
        visit(alias, "good")

    return signal


def test_a_failing_receiver_of_a_plain_django_signal_takes_back_only_its_own_writes(alias, opened):
    with transaction.atomic(using=alias):
        (_, error), (_, nothing) = opened.send_robust(None)
    assert isinstance(error, DatabaseError)
    assert nothing is None
    assert visits(alias) == ["good"]


def test_asend_robust_of_a_plain_django_signal_is_as_robust(alias, opened):
    with transaction.atomic(using=alias):
        async_to_sync(opened.asend_robust)(None)
    assert visits(alias) == ["good"]


def test_a_plain_send_of_a_plain_django_signal_takes_no_savepoint(alias, opened):
    connection = transaction.get_connection(alias)
    taken = []

    def watch(execute, sql, *rest):
        taken.append(sql)
        return execute(sql, *rest)

    with pytest.raises(DatabaseError), transaction.atomic(using=alias), connection.execute_wrapper(watch):
        opened.send(None)
    assert not [sql for sql in taken if "SAVEPOINT" in sql]
    assert visits(alias) == []


def test_a_robust_sending_within_a_plain_one_is_told_apart(alias, opened):
    outer = django.dispatch.Signal()

    @receiver(outer)
    def sends_robustly(**kwargs):
        visit(alias, "outer")
        opened.send_robust(None)

    with transaction.atomic(using=alias):
        outer.send(None)
    assert visits(alias) == ["outer", "good"]


def test_asynchronous_receivers_of_a_plain_django_signal_take_back_only_their_own_writes(alias):
    opened = django.dispatch.Signal()

    @receiver(opened)
    async def first(**kwargs):
        await Visit.objects.using(alias).acreate(note="first")

    @receiver(opened)
    async def broken(**kwargs):
        before = await Visit.objects.using(alias).acreate(note="broken")
        await Visit.objects.using(alias).acreate(pk=before.pk, note="the key is taken")

    @receiver(opened)
    async def last(**kwargs):
        await Visit.objects.using(alias).acreate(note="last")

    with transaction.atomic(using=alias):
        responses = dict(opened.send_robust(None))
        visit(alias, "sender")
    assert isinstance(responses[broken], DatabaseError)
    assert visits(alias) == ["first", "last", "sender"]
    with transaction.atomic(using=alias):
        async_to_sync(opened.asend_robust)(None)
    assert visits(alias) == ["first", "last", "sender", "first", "last"]
