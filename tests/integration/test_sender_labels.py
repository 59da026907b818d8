"""A sender given as `app_label.Model`: the model, once there is one; any other string stays what it is."""

import gc
import weakref

import django.dispatch
import pytest
from django.apps import apps
from django.conf import settings
from django.db import models
from django.db.migrations.state import ModelState, ProjectState
from django.db.models.signals import ModelSignal
from gallery.models import Painting, Sculpture

from heliograph import Signal, receiver
from heliograph.errors import ReceiverDeclarationError
from heliograph.senders.labels import labelled


@pytest.fixture(params=[Signal, django.dispatch.Signal, ModelSignal], ids=["own", "foreign", "model"])
def opened(request):
    return request.param()


@pytest.fixture
def own():
    return Signal()


@pytest.fixture
def heard():
    return []


@pytest.fixture(autouse=True)
def _forget_labels():
    known = {*labelled}
    yield
    labelled.intersection_update(known)


@pytest.mark.parametrize("label", ["gallery.Painting", "gallery.painting", "gallery.PAINTING"])
def test_a_label_stands_for_its_model(own, heard, label):
    @receiver(own, sender=label)
    def listens(sender, **kwargs):
        heard.append(sender)

    own.send(Painting)
    own.send(Sculpture)
    own.send(None)
    assert heard == [Painting]


def test_a_label_stands_for_its_model_on_any_signal(opened, heard):
    @receiver(opened, sender="gallery.Painting")
    def listens(sender, **kwargs):
        heard.append(sender)

    opened.send(Painting)
    opened.send(Sculpture)
    assert heard == [Painting]
    assert opened.disconnect(listens, sender=Painting)
    assert not opened.has_listeners(Painting)


def test_the_user_model_is_heard_by_its_setting(opened, heard):
    @receiver(opened, sender=settings.AUTH_USER_MODEL)
    def listens(sender, **kwargs):
        heard.append(sender)

    user = apps.get_model(settings.AUTH_USER_MODEL)
    opened.send(user)
    assert heard == [user]


@pytest.mark.parametrize("make", [Signal, django.dispatch.Signal], ids=["own", "foreign"])
def test_a_model_that_comes_later_is_heard_from_then_on(make, heard):
    opened = make()

    @receiver(opened, sender="gallery.Drawing")
    def listens(sender, **kwargs):
        heard.append(sender)

    drawing = a_model("Drawing")
    try:
        opened.send(drawing)
        assert heard == [drawing]
        assert opened.disconnect(listens, sender=drawing)
    finally:
        forget(drawing)


def test_a_receiver_disconnected_while_its_label_waits_is_not_connected_later(heard):
    opened = Signal()

    @receiver(opened, sender="gallery.Drawing")
    def listens(**kwargs):
        heard.append(1)

    assert opened.disconnect(listens, sender="gallery.Drawing")
    drawing = a_model("Drawing")
    try:
        opened.send(drawing)
        assert heard == []
    finally:
        forget(drawing)


def test_a_receiver_collected_while_its_label_waits_is_not_kept_alive(heard):
    class Listens:
        def __call__(self, **kwargs):
            heard.append(1)

    opened, listens = Signal(), Listens()
    receiver(opened, sender="gallery.Drawing")(listens)
    alive = weakref.ref(listens)
    del listens
    gc.collect()
    assert alive() is None
    drawing = a_model("Drawing")
    try:
        opened.send(drawing)
        assert heard == []
        assert not opened.has_listeners(drawing)
    finally:
        forget(drawing)


def test_a_model_of_past_migrations_under_the_same_label_is_another_one(own, heard):
    @receiver(own, sender="gallery.Painting")
    def listens(sender, **kwargs):
        heard.append(sender)

    state = ProjectState()
    state.add_model(ModelState("gallery", "Painting", [("id", models.AutoField(primary_key=True))]))
    own.send(state.apps.get_model("gallery", "Painting"))
    assert heard == []


@pytest.mark.parametrize("make", [Signal, django.dispatch.Signal], ids=["own", "foreign"])
@pytest.mark.parametrize("plain", ["opened", "gallery", "a b.c", "a.b.c", ".", "www.example"])
def test_a_plain_string_stays_a_plain_string(make, heard, plain):
    opened = make()

    @receiver(opened, sender=plain)
    def listens(sender, **kwargs):
        heard.append(sender)

    opened.send(plain)
    assert heard == [plain]
    assert opened.disconnect(listens, sender=plain)


def test_connect_itself_takes_a_label_for_the_plain_string_that_it_is(own, heard):
    def listens(sender, **kwargs):
        heard.append(sender)

    own.connect(listens, sender="gallery.Painting")
    own.send(Painting)
    assert heard == []


def test_subclasses_needs_a_class_or_a_label(opened):
    for sender in (None, "plain", 1, object()):
        with pytest.raises(ReceiverDeclarationError, match="subclasses=True needs a class"):
            receiver(opened, sender=sender, subclasses=True)(print)


def test_what_is_no_signal_is_refused():
    with pytest.raises(ReceiverDeclarationError, match="takes a signal or a list of signals"):
        receiver([Signal(), "post_save"])


def test_options_that_are_not_its_own_go_to_each_signals_connect_unchanged():
    taken = []

    class Strange(django.dispatch.Signal):
        def connect(self, receiver, sender=None, weak=True, dispatch_uid=None, colour=None):
            taken.append((sender, weak, dispatch_uid, colour))

    @receiver([Strange(), Strange()], sender=Painting, weak=False, dispatch_uid="uid", colour="red")
    def listens(**kwargs): ...

    assert taken == [(Painting, False, "uid", "red")] * 2


def a_model(name):
    """Define a model of the app gallery, after everything has started."""
    meta = type("Meta", (), {"app_label": "gallery"})
    return type(name, (models.Model,), {"__module__": "gallery.models", "Meta": meta})


def forget(model):
    del apps.all_models["gallery"][model._meta.model_name]
    apps.clear_cache()
