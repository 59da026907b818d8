"""Where events are recorded that are sent with instances read from a replica, or from other databases, and as what."""

from contextlib import nullcontext

import pytest
from conformance.databases import COMMITTING
from conformance.recordings import durable, opened, recorded, recorded_arguments, second
from conformance.visits import rolled_back
from django.db import transaction
from django.db.models.signals import post_save, pre_save
from django.test import override_settings
from gallery.models import Painting

pytestmark = COMMITTING


class Replicated:
    """A router that reads from a replica and writes to the primary."""

    def __init__(self, primary):
        self.primary = primary

    def db_for_read(self, model, **hints):
        return "archive"

    def db_for_write(self, model, **hints):
        return self.primary


@pytest.fixture
def painting(alias):
    """An instance read from the replica, of a row that primary and replica have."""
    for each in (alias, "archive"):
        Painting(pk=7, title="Nocturne").save(using=each)
    with override_settings(DATABASE_ROUTERS=[Replicated(alias)]), durable(opened):
        painting = Painting.objects.get()
        assert painting._state.db == "archive"
        yield painting


@pytest.mark.parametrize("around", [nullcontext, lambda: transaction.atomic(using="archive")])
def test_what_was_read_from_a_replica_is_recorded_on_the_primary(alias, painting, around):
    with around(), transaction.atomic(using=alias):
        opened.send(Painting, painting=painting)
    assert (len(recorded(alias)), recorded("archive")) == (1, [])


def test_and_is_part_of_the_primarys_transaction(alias, painting):
    with rolled_back(alias):
        opened.send(Painting, painting=painting)
    assert recorded(alias) == recorded("archive") == []


def test_an_open_transaction_of_the_replica_changes_nothing(alias, painting, monkeypatch):
    monkeypatch.setattr("heliograph.delivery.recording.autocommit._told", set())
    with transaction.atomic(using="archive"), pytest.warns(match=f"in autocommit on database '{alias}'"):
        opened.send(Painting, painting=painting)
    assert (len(recorded(alias)), recorded("archive")) == (1, [])


def test_an_instance_that_is_the_sender_counts_too():
    painting = Painting.objects.using("archive").create(title="Nocturne")
    with durable(opened), transaction.atomic(using="archive"):
        opened.send(painting)
    assert (recorded("default"), len(recorded("archive"))) == ([], 1)


def databases(alias):
    """The databases that the references of the only event name."""
    (sent,) = recorded_arguments(alias)
    return {name: value["$model"].get("db") for name, value in sent.items() if isinstance(value, dict)}


def test_a_reference_to_another_database_says_so(alias):
    here = Painting.objects.using(alias).create(title="Nocturne")
    there = Painting.objects.using("archive").create(title="Nocturne")
    with durable(opened), transaction.atomic(using=alias):
        opened.send(None, using=alias, here=here, there=there)
    assert databases(alias) == {"here": None, "there": "archive"}


def test_one_read_from_a_replica_is_at_home_on_the_primary(alias, painting):
    with transaction.atomic(using=alias):
        opened.send(Painting, painting=painting)
    assert databases(alias) == {"painting": None}


def test_what_is_saved_past_the_router_is_at_home_where_it_is_saved():
    painting = Painting.objects.using("default").create(title="Nocturne")
    with override_settings(DATABASE_ROUTERS=[Replicated("default")]), durable(post_save, second, sender=Painting):
        painting.save(using="archive")
    assert databases("archive") == {"instance": None}


def test_signals_of_django_are_about_rows_of_one_database():
    painting = Painting.objects.using("default").create(title="Nocturne")
    with durable(pre_save, second, sender=Painting):
        painting.save(using="archive")
    assert databases("archive") == {"instance": None}
