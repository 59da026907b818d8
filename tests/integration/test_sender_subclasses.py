"""`subclasses=True`: proxies, children with tables of their own, children of an abstract model, plain classes."""

import django.dispatch
import pytest
from django.apps import apps
from django.db import models
from django.db.migrations.state import ModelState, ProjectState
from django.db.models.signals import ModelSignal, post_delete, pre_delete
from django.test import TestCase
from django.test.utils import isolate_apps
from gallery.models import Bronze, Painting, Sculpture, SmallPainting, Visit, Work

from heliograph import Signal, receiver


@pytest.fixture(params=[Signal, django.dispatch.Signal, ModelSignal], ids=["own", "foreign", "model"])
def opened(request):
    return request.param()


@pytest.fixture
def heard():
    return []


EVERY = [Work, Painting, SmallPainting, Sculpture, Bronze, Visit]


def listening(signal, heard, **options):
    @receiver(signal, weak=False, **options)
    def listens(sender, **kwargs):
        heard.append(sender)

    return listens


@pytest.mark.parametrize(
    ("sender", "members"),
    [
        (Work, [Work, Painting, SmallPainting, Sculpture, Bronze]),
        (Painting, [Painting, SmallPainting]),
        (Sculpture, [Sculpture, Bronze]),
        (Bronze, [Bronze]),
        ("gallery.Sculpture", [Sculpture, Bronze]),
    ],
)
def test_a_model_stands_for_its_proxies_its_children_and_those_of_an_abstract_one(opened, heard, sender, members):
    listening(opened, heard, sender=sender, subclasses=True)
    for model in [*EVERY, None]:
        opened.send(model)
    assert heard == members


def test_without_it_only_the_model_itself_is_heard(opened, heard):
    listening(opened, heard, sender=Painting)
    for model in EVERY:
        opened.send(model)
    assert heard == [Painting]


def test_other_models_have_no_listener(opened, heard):
    listening(opened, heard, sender=Painting, subclasses=True)
    assert [model for model in EVERY if opened.has_listeners(model)] == [Painting, SmallPainting]


def test_disconnecting_the_model_disconnects_the_whole_family(opened, heard):
    listens = listening(opened, heard, sender=Work, subclasses=True)
    assert opened.disconnect(listens, sender=Work)
    for model in EVERY:
        opened.send(model)
    assert heard == []
    assert [model for model in EVERY if opened.has_listeners(model)] == []


def test_disconnected_and_connected_again_it_is_heard_once(opened, heard):
    listens = listening(opened, heard, sender=Painting, subclasses=True)
    opened.disconnect(listens, sender=Painting)
    receiver(opened, sender=Painting, subclasses=True)(listens)
    receiver(opened, sender=Painting, subclasses=True)(listens)
    opened.send(SmallPainting)
    assert heard == [SmallPainting]


def test_one_dispatch_uid_stands_for_the_whole_family(opened, heard):
    listening(opened, heard, sender=Painting, subclasses=True, dispatch_uid="paintings")
    assert opened.disconnect(sender=Painting, dispatch_uid="paintings")
    opened.send(SmallPainting)
    assert heard == []


def test_two_families_of_one_function_are_apart(opened, heard):
    listens = listening(opened, heard, sender=Painting, subclasses=True)
    receiver(opened, sender=Sculpture, subclasses=True)(listens)
    assert opened.disconnect(listens, sender=Painting)
    opened.send(SmallPainting)
    opened.send(Bronze)
    assert heard == [Bronze]


@isolate_apps("gallery")
def test_a_child_of_a_child_of_an_abstract_child_that_comes_later_is_heard(heard):
    class Base(models.Model):
        class Meta:
            abstract = True
            app_label = "gallery"

    for opened in (Signal(), django.dispatch.Signal(), ModelSignal()):
        heard.clear()
        listening(opened, heard, sender=Base, subclasses=True)
        later = []
        for bases in ((Base,), (models.Model,)):
            meta = type("Meta", (), {"abstract": True, "app_label": "gallery"})
            middle = type(f"Middle{len(apps.all_models)}", bases, {"__module__": __name__, "Meta": meta})
            meta = type("Meta", (), {"app_label": "gallery"})
            name = f"Leaf{id(opened)}{len(later)}"
            later.append(type(name, (middle,), {"__module__": __name__, "Meta": meta}))
        meta = type("Meta", (), {"proxy": True, "app_label": "gallery"})
        later.append(type(f"Proxy{id(opened)}", (later[0],), {"__module__": __name__, "Meta": meta}))
        for model in later:
            opened.send(model)
        assert heard == [later[0], later[2]]
        assert not opened.has_listeners(later[1])


def test_a_plain_class_stands_for_its_subclasses_on_any_signal(heard):
    class House: ...

    class Castle(House): ...

    for opened in (Signal(), django.dispatch.Signal()):
        heard.clear()
        listens = listening(opened, heard, sender=House, subclasses=True)

        class Palace(Castle): ...

        for sender in (House, Castle, Palace, object, None, House(), "House"):
            opened.send(sender)
        assert heard == [House, Castle, Palace]
        assert opened.disconnect(listens, sender=House)
        for sender in (House, Castle, Palace):
            opened.send(sender)
        assert heard == [House, Castle, Palace]


def test_two_plain_classes_of_one_function_are_both_heard(heard):
    class House: ...

    class Garden: ...

    class Park(Garden): ...

    for opened in (Signal(), django.dispatch.Signal()):
        heard.clear()
        listens = listening(opened, heard, sender=House, subclasses=True)
        receiver(opened, sender=Garden, subclasses=True)(listens)
        opened.send(House)
        opened.send(Park)
        assert heard == [House, Park]


class FamiliesOnDjangosSignals(TestCase):
    def listens(self, **kwargs):
        self.heard.append((kwargs["signal"], type(kwargs["instance"])))

    def connect(self, *signals, sender):
        self.heard = []
        receiver(signals, sender=sender, subclasses=True)(self.listens)
        for signal in signals:
            self.addCleanup(signal.disconnect, self.listens, sender=sender)

    def test_saving_and_deleting_children_and_proxies_is_heard(self):
        self.connect(pre_delete, post_delete, sender=Work)
        SmallPainting.objects.create(title="Nocturne").delete()
        Bronze.objects.create(title="Rider").delete()
        assert (pre_delete, SmallPainting) in self.heard
        assert (post_delete, Bronze) in self.heard

    def test_the_rows_of_other_models_are_still_deleted_without_being_fetched(self):
        self.connect(pre_delete, post_delete, sender=Work)
        Visit.objects.create(note="one")
        with self.assertNumQueries(1):
            Visit.objects.all().delete()

    def test_a_deferred_instance_is_of_its_model(self):
        self.connect(pre_delete, sender=Work)
        Painting.objects.create(title="Nocturne")
        Painting.objects.only("pk").get().delete()
        assert self.heard == [(pre_delete, Painting)]


def test_a_family_that_was_disconnected_stays_so_when_its_head_is_connected_again():
    heard = []

    def hear(sender, **kwargs):
        heard.append(sender)

    foreign = django.dispatch.Signal()
    receiver(foreign, sender=Sculpture, subclasses=True)(hear)
    assert foreign.disconnect(hear, sender=Sculpture)
    foreign.connect(hear, sender=Sculpture)
    foreign.send(Sculpture)
    foreign.send(Bronze)
    assert heard == [Sculpture]


def test_a_mixin_does_not_stand_for_the_models_of_a_past_migration():
    class Mixin: ...

    heard, foreign = [], django.dispatch.Signal()

    def hear(sender, **kwargs):
        heard.append(sender.__name__)

    receiver(foreign, sender=Mixin, subclasses=True)(hear)
    state = ProjectState()
    state.add_model(
        ModelState("gallery", "Past", [("id", models.AutoField(primary_key=True))], bases=(Mixin, models.Model))
    )
    foreign.send(state.apps.get_model("gallery", "Past"))
    foreign.send(type("Present", (Mixin,), {}))
    assert heard == ["Present"]
