"""An event is recorded if and only if the sender's transaction is committed."""

import pytest
from conformance.databases import COMMITTING
from conformance.recordings import (
    arguments,
    closed,
    durable,
    opened,
    recorded,
    recorded_arguments,
    second,
)
from conformance.visits import UndoError, rolled_back, visit
from django.db import connections, transaction
from django.db.models.signals import post_save, pre_delete, pre_save
from django.dispatch import Signal as DjangoSignal
from django.test.utils import CaptureQueriesContext
from gallery.models import Bronze, Painting, SmallPainting

from heliograph import receiver
from heliograph.delivery.registration import registered
from heliograph.errors import RecordingError

pytestmark = COMMITTING


@pytest.fixture(autouse=True)
def durable_first():
    with durable(opened):
        yield


def test_what_is_sent_is_recorded_with_the_commit(alias):
    with transaction.atomic(using=alias):
        opened.send(Painting, note="one", using=alias)
        visit(alias, "one")
    (event,) = recorded(alias)
    assert (event.sender, event.key, event.headers) == ("gallery.Painting", None, None)
    assert arguments(event) == {"note": "one", "using": alias}
    assert event.uuid.version == 7


def test_nothing_is_recorded_when_nobody_durable_listens(alias):
    with transaction.atomic(using=alias):
        closed.send(None, note="one", using=alias)
    assert recorded(alias) == []


def test_a_transaction_that_is_rolled_back_leaves_no_event(alias):
    with rolled_back(alias):
        opened.send(None, note="never", using=alias)
    assert recorded(alias) == []
    with transaction.atomic(using=alias):
        opened.send(None, note="one", using=alias)
    assert [each["note"] for each in recorded_arguments(alias)] == ["one"]


def test_a_savepoint_that_is_rolled_back_leaves_no_event(alias):
    with transaction.atomic(using=alias):
        opened.send(None, note="before", using=alias)
        with rolled_back(alias):
            opened.send(None, note="never", using=alias)
            with transaction.atomic(using=alias):
                opened.send(None, note="never either", using=alias)
        with transaction.atomic(using=alias):
            opened.send(None, note="inner", using=alias)
    assert [each["note"] for each in recorded_arguments(alias)] == ["before", "inner"]


@pytest.mark.parametrize("send", ["send", "send_robust"])
def test_one_row_for_a_sending_whoever_hears_it(alias, send):
    with durable(opened, second), transaction.atomic(using=alias):
        getattr(opened, send)(None, note="one", using=alias)
    assert [each["note"] for each in recorded_arguments(alias)] == ["one"]


def test_a_signal_of_django_is_recorded(alias):
    with durable([post_save, pre_delete], second, sender=Painting):
        painting = Painting.objects.using(alias).create(title="Nocturne")
        painting.delete()
    saved, deleted = recorded(alias)
    assert saved.key == deleted.key
    assert saved.key.startswith("gallery.Painting:")
    assert arguments(saved)["created"] is True


def test_another_libraries_signal_is_recorded(alias):
    global foreign
    foreign = DjangoSignal()
    with durable(foreign, second), transaction.atomic(using=alias):
        foreign.send_robust(Painting, note="foreign", using=alias)
    assert [each["note"] for each in recorded_arguments(alias)] == ["foreign"]


foreign = None


def test_a_sending_costs_one_statement_once_registered(alias):
    with transaction.atomic(using=alias):
        opened.send(None, note="registers", using=alias)
    with transaction.atomic(using=alias), CaptureQueriesContext(connections[alias]) as queries:
        opened.send(None, note="one", using=alias)
    assert len(queries) == 1


def test_proxies_have_the_key_of_their_row_and_children_their_own(alias):
    with durable(post_save, second):
        painting = Painting.objects.using(alias).create(title="Nocturne")
        SmallPainting.objects.using(alias).get().save()
        bronze = Bronze.objects.using(alias).create(title="Horse")
    keys = [event.key for event in recorded(alias)]
    assert keys == [f"gallery.Painting:{painting.pk}"] * 2 + [f"gallery.Bronze:{bronze.pk}"]


def test_a_primary_key_given_as_text_is_the_same_key(alias):
    with durable(post_save, second):
        Painting(pk="07", title="Nocturne").save(using=alias)
        Painting.objects.using(alias).get().save()
    assert [event.key for event in recorded(alias)] == ["gallery.Painting:7"] * 2


def test_a_row_that_has_no_key_yet_has_no_ordering_key(alias):
    with durable(pre_save, second):
        Painting.objects.using(alias).create(title="Nocturne")
    assert [event.key for event in recorded(alias)] == [None]


@pytest.fixture
def keyed(monkeypatch):
    """Have the signal say its sendings' keys."""
    monkeypatch.setattr(type(opened), "ordering_key", lambda _, named: named["note"], raising=False)


def test_a_signals_own_key_is_recorded(alias, keyed):
    with transaction.atomic(using=alias):
        opened.send(None, note="key", using=alias)
    assert [event.key for event in recorded(alias)] == ["key"]


@pytest.mark.parametrize("key", ["a\0b", "a\ud800b"])
def test_a_key_that_databases_refuse_is_refused_clearly(alias, keyed, key):
    with pytest.raises(RecordingError, match="ordering key"), transaction.atomic(using=alias):
        opened.send(None, note=key, using=alias)
    assert recorded(alias) == []


def test_an_event_goes_to_the_database_of_its_change(alias):
    other = "archive"
    with transaction.atomic(using=alias), transaction.atomic(using=other):
        opened.send(None, note="here", using=alias)
        opened.send(None, note="there", using=other)
    assert [each["note"] for each in recorded_arguments(alias)] == ["here"]
    assert [each["note"] for each in recorded_arguments(other)] == ["there"]


@pytest.fixture
def broken():
    """A receiver that fails in the sender's transaction, after the recording."""

    def fail(**kwargs):
        raise UndoError

    receiver(opened)(fail)
    yield
    opened.disconnect(fail)


def test_a_receiver_that_fails_takes_the_event_along(alias, broken):
    with pytest.raises(UndoError), transaction.atomic(using=alias):
        opened.send(None, using=alias)
    assert recorded(alias) == []


def test_a_receiver_that_fails_robustly_leaves_the_event(alias, broken):
    with transaction.atomic(using=alias):
        opened.send_robust(None, using=alias)
    assert len(recorded(alias)) == 1


def test_an_event_is_not_lost_when_the_tables_are_emptied_under_the_process(alias):
    with transaction.atomic(using=alias):
        opened.send(None, note="before", using=alias)
    known = registered.known(connections[alias])
    with connections[alias].cursor() as cursor:
        for table in ("partition", "subscriptionsignal", "subscriptionname", "subscription", "event", "signalname"):
            cursor.execute(f"delete from heliograph_{table}")
    assert registered.known(connections[alias]) is known
    with transaction.atomic(using=alias):
        opened.send(None, note="after", using=alias)
    (event,) = recorded(alias)
    assert event.signal.name == "gallery.opened"
    assert registered.known(connections[alias]) is not known
