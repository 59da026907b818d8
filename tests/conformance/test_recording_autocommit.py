"""A custom signal sent in autocommit: its event is recorded by itself."""

import pytest
from asgiref.sync import async_to_sync, sync_to_async
from conformance.databases import COMMITTING
from conformance.recordings import (
    closed,
    durable,
    opened,
    recorded,
    second,
)
from django.db import transaction
from django.db.models.signals import post_delete
from gallery.models import Painting

from heliograph import receiver
from heliograph.errors import AutocommitWarning, TransactionError

pytestmark = COMMITTING


@pytest.fixture(autouse=True)
def durable_first():
    with durable(opened):
        yield


@pytest.fixture(autouse=True)
def _told_nothing_yet(monkeypatch):
    monkeypatch.setattr("heliograph.delivery.recording.autocommit._told", set())


def test_it_is_recorded_with_a_warning_once_for_each_place(alias, recwarn):
    for _ in range(3):
        opened.send(None, using=alias)
    opened.send(None, using=alias)
    told = [each for each in recwarn if each.category is AutocommitWarning]
    assert [each.filename for each in told] == [__file__] * 2
    assert len({each.lineno for each in told}) == 2
    assert len(recorded(alias)) == 4


@pytest.mark.parametrize("way", ["asend", "asend_robust", "asend_many"])
def test_the_place_of_an_awaited_sending_is_where_it_is_awaited(alias, recwarn, way):
    def sending():
        return (
            opened.asend_many(None, [{"using": alias}])
            if way == "asend_many"
            else getattr(opened, way)(None, using=alias)
        )

    async def send(number):
        if number % 2:
            await sending()
        else:
            await sending()

    for number in range(4):
        async_to_sync(send)(number)
    told = [each for each in recwarn if each.category is AutocommitWarning]
    assert [each.filename for each in told] == [__file__] * 2
    assert {each.lineno - send.__code__.co_firstlineno for each in told} == {2, 4}
    assert len(recorded(alias)) == 4


def test_the_place_of_what_a_receiver_sends_is_in_the_receiver(alias, recwarn):
    @receiver(closed)
    def send(**kwargs):
        opened.send(None, using=alias)

    async_to_sync(closed.asend)(None)
    closed.disconnect(send)
    (told,) = [each for each in recwarn if each.category is AutocommitWarning]
    assert (told.filename, told.lineno) == (__file__, send.__code__.co_firstlineno + 2)


def test_signals_that_are_sent_from_threads_are_told_of_one_by_one(alias, recwarn):
    with durable(closed):
        for signal in (opened, closed, opened):
            async_to_sync(sync_to_async(signal.send))(None, using=alias)
    told = [str(each.message).split()[0] for each in recwarn if each.category is AutocommitWarning]
    assert told == ["gallery.opened", "gallery.closed"]


def test_it_is_allowed(alias, settings):
    settings.HELIOGRAPH = {"OUTSIDE_TRANSACTION": "allow"}
    opened.send(None, using=alias)
    assert len(recorded(alias)) == 1


def test_it_is_refused(alias, settings):
    settings.HELIOGRAPH = {"OUTSIDE_TRANSACTION": "error"}
    with pytest.raises(TransactionError, match="atomic"):
        opened.send(None, using=alias)
    assert recorded(alias) == []
    with transaction.atomic(using=alias):
        opened.send(None, using=alias)
    assert len(recorded(alias)) == 1


def test_signals_of_others_are_left_alone(alias, settings):
    settings.HELIOGRAPH = {"OUTSIDE_TRANSACTION": "error"}
    with durable(post_delete, second):
        post_delete.send(Painting, instance=Painting(pk=1), using=alias)
    assert len(recorded(alias)) == 1
