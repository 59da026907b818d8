"""A custom signal sent in autocommit: its event is recorded by itself."""

import pytest
from conformance.recordings import (
    durable,
    opened,
    recorded,
    second,
)
from django.db import transaction
from django.db.models.signals import post_delete
from gallery.models import Painting

from heliograph.errors import AutocommitWarning, TransactionError

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")


@pytest.fixture(autouse=True)
def durable_first():
    with durable(opened):
        yield


@pytest.fixture(autouse=True)
def _told_nothing_yet(monkeypatch):
    monkeypatch.setattr("heliograph.delivery.autocommit._told", set())


def test_it_is_recorded_with_a_warning_once_for_each_place(alias, recwarn):
    for _ in range(3):
        opened.send(None, using=alias)
    opened.send(None, using=alias)
    told = [each for each in recwarn if each.category is AutocommitWarning]
    assert [each.filename for each in told] == [__file__] * 2
    assert len({each.lineno for each in told}) == 2
    assert len(recorded(alias)) == 4


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
