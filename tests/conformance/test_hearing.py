"""Which durable receivers hear Django's model signals, and what is recorded for them."""

import sys
from types import SimpleNamespace

import pytest
from django.apps import apps
from django.conf import settings
from django.contrib.auth.models import User
from django.db import connections, models
from django.db.models.signals import m2m_changed, post_delete, post_save, pre_delete
from django.test.utils import CaptureQueriesContext, isolate_apps
from gallery.models import Bronze, Painting, Sculpture, SmallPainting, Visit, Work

from heliograph import Signal, muted, receiver
from heliograph.delivery.declaration.hearing import heard_by, hears
from heliograph.delivery.declaration.registry import durable_receiver, durable_receivers, undeclare

opened = Signal()
pytestmark = pytest.mark.django_db(databases="__all__")


def one(**named):
    raise AssertionError("a durable receiver is not called in process")


def two(**named):
    raise AssertionError("a durable receiver is not called in process")


ONE, TWO = f"{__name__}.one", f"{__name__}.two"


@pytest.fixture(autouse=True)
def recordings(monkeypatch):
    """What has been recorded: signal, sender, arguments, names."""
    recordings = []

    def record(signal, sender, sendings, names):
        recordings.extend((signal, sender, sent, names) for sent in sendings)

    monkeypatch.setitem(sys.modules, "heliograph.delivery.recording.recorder", SimpleNamespace(record=record))
    yield recordings
    for each in durable_receivers():
        undeclare(each.name)


def heard(recordings):
    return [(signal, sender, names) for signal, sender, _, names in recordings]


def test_a_save_is_recorded_once_with_what_django_sends(alias, recordings):
    receiver(post_save, sender=Painting, durable=True)(one)
    receiver(post_save, durable=True)(two)
    painting = Painting.objects.using(alias).create(title="Sunflowers")
    ((signal, sender, sent, names),) = recordings
    assert (signal, sender, names) == (post_save, Painting, [ONE, TWO])
    assert sent == {"instance": painting, "created": True, "raw": False, "using": alias, "update_fields": None}


@pytest.mark.parametrize("sender", [Painting, "gallery.Painting", "gallery.painting"])
def test_a_model_and_its_label(alias, sender, recordings):
    receiver(post_save, sender=sender, durable=True)(one)
    Painting.objects.using(alias).create(title="Sunflowers")
    Sculpture.objects.using(alias).create(title="David")
    assert heard(recordings) == [(post_save, Painting, [ONE])]


def test_the_user_model_of_the_settings(recordings):
    receiver(post_save, sender=settings.AUTH_USER_MODEL, durable=True)(one)
    assert heard_by(post_save, User) == [ONE]
    assert heard_by(post_save, Painting) == []


@isolate_apps("gallery")
def test_a_label_whose_model_comes_later(recordings, request):
    def plain(**named):
        assert recordings

    post_save.connect(plain)
    request.addfinalizer(lambda: post_save.disconnect(plain))
    receiver(post_save, sender="gallery.Fresco", apps=isolated(), durable=True)(one)
    receiver(opened, durable=True)(one)

    class Fresco(models.Model):
        class Meta:
            app_label = "gallery"

    assert heard_by(post_save, Fresco) == [ONE]
    assert durable_receiver(ONE).signals == (post_save, opened)
    post_save.send(Fresco, instance=None)
    assert heard(recordings) == [(post_save, Fresco, [ONE])]


def isolated():
    """The apps that models defined in the running test belong to."""
    return models.options.Options.default_apps


@pytest.mark.parametrize("base", [Work, "gallery.Sculpture"])
def test_subclasses_of_a_model(alias, base, recordings):
    receiver(post_save, sender=base, subclasses=True, durable=True)(one)
    receiver(post_save, durable=True)(two)
    for model in (Bronze, Sculpture, SmallPainting):
        model.objects.using(alias).create(title=model.__name__)
    names = {sender: names for _, sender, names in heard(recordings)}
    assert names[Bronze] == names[Sculpture] == [ONE, TWO]
    assert names[SmallPainting] == ([ONE, TWO] if base is Work else [TWO])
    assert hears(durable_receiver(ONE), post_save, Bronze)
    assert not hears(durable_receiver(ONE), post_save, Visit)


@pytest.mark.parametrize("signal", [post_save, opened], ids=["theirs", "ours"])
def test_a_receiver_of_one_model_and_of_all_is_named_once(signal):
    receiver(signal, sender=Painting, durable=True)(one)
    receiver(signal, durable=True)(one)
    assert heard_by(signal, Painting) == [ONE]


def test_a_family_that_is_disconnected_is_heard_no_more(alias, recordings):
    receiver(post_save, sender=Work, subclasses=True, durable=True)(one)
    assert post_save.disconnect(one, sender=Work)
    Painting.objects.using(alias).create(title="Sunflowers")
    assert recordings == heard_by(post_save, Painting) == []


def test_mutes_are_for_recording_not_for_what_a_receiver_listens_to(alias, recordings):
    receiver(post_save, durable=True)(one)
    with muted(one), muted(post_save):
        Painting.objects.using(alias).create(title="Sunflowers")
        assert heard_by(post_save, Painting) == [ONE]
    assert recordings == []


@pytest.mark.parametrize("signal", [pre_delete, post_delete], ids=["pre_delete", "post_delete"])
def test_deleting_other_models_stays_one_statement(alias, signal, recordings):
    """Django fetches the rows to be deleted where a signal has listeners."""
    receiver(signal, sender=Painting, durable=True)(one)
    Sculpture.objects.using(alias).create(title="David")
    Visit.objects.using(alias).create(note="one")
    with CaptureQueriesContext(connections[alias]) as queries:
        Visit.objects.using(alias).all().delete()
    assert len(queries) == 1
    assert not signal.has_listeners(Visit)
    assert recordings == []


def test_deleting_is_recorded_for_each_row(alias, recordings):
    receiver(post_delete, sender=Painting, durable=True)(one)
    for title in ("Sunflowers", "Irises"):
        Painting.objects.using(alias).create(title=title)
    Painting.objects.using(alias).all().delete()
    assert heard(recordings) == [(post_delete, Painting, [ONE])] * 2
    post_delete.disconnect(one, sender=Painting)
    assert not post_delete.has_listeners(Painting)


def test_relations_of_many_to_many(alias, recordings):
    through = User.groups.through
    receiver(m2m_changed, sender=through, durable=True)(one)
    user = User.objects.db_manager(alias).create_user("ada")
    user.groups.add(apps.get_model("auth.Group").objects.using(alias).create(name="editors"))
    assert [sent["action"] for _, _, sent, _ in recordings] == ["pre_add", "post_add"]


def test_a_failure_to_record_is_raised_by_the_save(alias, monkeypatch):
    monkeypatch.setattr(sys.modules["heliograph.delivery.recording.recorder"], "record", lambda *_: 1 / 0)
    receiver(post_save, sender=Painting, durable=True)(one)
    with pytest.raises(ZeroDivisionError):
        Painting.objects.using(alias).create(title="Sunflowers")
