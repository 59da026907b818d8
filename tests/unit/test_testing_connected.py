"""`assert_connected` tells whether a receiver is connected, and how, and else who is."""

import pytest
from django.db.models.signals import post_save
from gallery.models import Painting, Sculpture, SmallPainting, Visit, Work

from heliograph import Signal, receiver
from heliograph.delivery.declaration.registry import undeclare
from heliograph.errors import UnknownSenderError
from heliograph.testing import assert_connected

own = Signal(name="gallery.hung")


def hang(**_):
    """A receiver."""


def light(**_):
    """Another one."""


def frame(**_):
    """A third one."""


NAME = f"{__name__}.hang"


@pytest.fixture
def connected():
    receiver(own, sender=Painting)(hang)
    receiver([own, post_save], sender=Work, subclasses=True, durable=True, name="gallery.light")(light)
    post_save.connect(hang, sender=Visit)
    yield
    own.disconnect(hang, sender=Painting)
    undeclare("gallery.light")
    post_save.disconnect(hang, sender=Visit)


@pytest.mark.usefixtures("connected")
def test_those_that_are_connected():
    assert_connected(hang, own)
    assert_connected(hang, own, sender=Painting, mode="now")
    assert_connected(NAME, own, sender="gallery.Painting")
    assert_connected(light, own, mode="durable")
    assert_connected("gallery.light", own, sender=Sculpture, mode="durable")
    assert_connected(light, post_save, sender=SmallPainting)
    assert_connected(hang, post_save, sender=Visit, mode="now")


@pytest.mark.usefixtures("connected")
@pytest.mark.parametrize(
    ("function", "signal", "options", "said"),
    [
        (frame, own, {}, "is not connected to gallery.hung. Connected are:"),
        (hang, own, {"mode": "durable"}, "is not connected with mode 'durable' to gallery.hung. Connected are:"),
        (light, own, {"mode": "now"}, "is not connected with mode 'now' to gallery.hung"),
        (hang, own, {"sender": Visit}, "is not connected to gallery.hung for the sender gallery.Visit"),
        (light, post_save, {"sender": "gallery.Visit"}, "for the sender gallery.Visit"),
        (
            hang,
            post_save,
            {"sender": Visit, "mode": "on_commit"},
            "mode 'on_commit' to django.db.models",
        ),
    ],
)
def test_those_that_are_not(function, signal, options, said):
    with pytest.raises(AssertionError) as raised:
        assert_connected(function, signal, **options)
    assert said in str(raised.value)
    assert f"{function.__name__} (" in str(raised.value)


@pytest.mark.usefixtures("connected")
def test_all_that_are_connected_are_shown():
    with pytest.raises(AssertionError) as raised:
        assert_connected("gallery.nobody", own)
    first, *others = str(raised.value).splitlines()
    assert first == "gallery.nobody is not connected to gallery.hung. Connected are:"
    assert len(others) == 2
    assert others[0].startswith(f"  {NAME}, mode 'now', gallery.Painting (")
    assert others[1].startswith("  gallery.light, mode 'durable', gallery.Work and its subclasses (")


def test_nobody_is_connected():
    with pytest.raises(AssertionError, match=r"to gallery\.hung\. Nobody is\."):
        assert_connected(hang, own)


def test_any_sender():
    receiver(own, on_commit=True)(frame)
    try:
        assert_connected(frame, own, sender=Visit, mode="on_commit")
        with pytest.raises(AssertionError, match="frame, mode 'on_commit', any sender"):
            assert_connected(frame, own, mode="durable")
    finally:
        own.disconnect(frame)


def test_what_is_not_there():
    with pytest.raises(UnknownSenderError, match=r"Did you mean 'gallery\.Visit'"):
        assert_connected(hang, own, sender="gallery.Visits")
    with pytest.raises(ValueError, match="mode is 'now', 'on_commit' or 'durable', not 'sometimes'"):
        assert_connected(hang, own, mode="sometimes")
