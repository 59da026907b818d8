"""Senders are recorded as text, in forms that cannot be taken for each other."""

import enum
import sys
from types import ModuleType

import pytest
from django.contrib.auth.models import User
from django.db import models
from django.utils.functional import SimpleLazyObject
from django.utils.safestring import mark_safe
from gallery.models import Painting, SmallPainting

from heliograph.errors import PayloadDecodeError
from heliograph.events.codec.senders import decode_sender, encode_sender


class Checkout:
    """A sender that is no model."""

    class Step:
        """Another one, within it."""


class Kind(str, enum.Enum):  # noqa: UP042 - its str() is not its value
    ONE = "one"


def function():
    """A sender too."""


@pytest.mark.parametrize(
    ("sender", "written"),
    [
        (None, None),
        (Painting, "gallery.Painting"),
        (SmallPainting, "gallery.SmallPainting"),
        (User.groups.through, "auth.User_groups"),
        (Checkout, f"{__name__}.Checkout"),
        (Checkout.Step, f"{__name__}.Checkout.Step"),
        (function, f"{__name__}.function"),
        (ModuleNotFoundError, "builtins:ModuleNotFoundError"),
        ("checkout", '"checkout"'),
        ("gallery.Painting", '"gallery.Painting"'),
        ('"\0é\ud83d', '"\\"\\u0000\\u00e9\\ud83d"'),
        ("", '""'),
    ],
)
def test_what_comes_back_as_it_was(sender, written):
    assert encode_sender(sender) == written
    assert decode_sender(written) == sender


@pytest.mark.parametrize(
    ("sender", "comes_back"),
    [
        (Painting(title="a"), Painting),
        (SimpleLazyObject(lambda: User()), User),
        (Checkout(), Checkout),
        (5, int),
        (mark_safe("checkout"), "checkout"),
        (Kind.ONE, "one"),
    ],
)
def test_what_stands_for_another_sender(sender, comes_back):
    assert decode_sender(encode_sender(sender)) == comes_back


def test_a_class_is_never_taken_for_a_model(monkeypatch):
    module = ModuleType("gallery_like")
    module.Painting = type("Painting", (), {"__module__": "gallery_like"})
    monkeypatch.setitem(sys.modules, "gallery_like", module)
    assert decode_sender(encode_sender(module.Painting)) is module.Painting
    monkeypatch.setattr(module.Painting, "__module__", "gallery")
    assert encode_sender(module.Painting) != encode_sender(Painting)


def test_a_class_that_is_not_where_its_name_says_is_an_error():
    class Local:
        pass

    with pytest.raises(PayloadDecodeError, match=r"no class goes by the name .*Local"):
        decode_sender(encode_sender(Local))
    with pytest.raises(PayloadDecodeError):
        decode_sender(f"{__name__}.models.Model")
    assert decode_sender("django.db.models.base.Model") is models.Model
