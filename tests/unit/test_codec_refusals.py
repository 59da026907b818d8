"""What cannot come back as it was is refused: where it lies, what it is, what to do."""

import enum
import io
from collections import OrderedDict, namedtuple
from datetime import datetime, time
from zoneinfo import ZoneInfo

import pytest
from django.contrib.auth.models import User
from django.core.files.base import ContentFile
from django.db.models import F
from django.db.models.manager import BaseManager
from django.http import HttpRequest, QueryDict
from gallery.models import Painting

from heliograph.errors import PayloadError
from heliograph.events.codec.encode import encode


class Money:
    """A class that the codec does not know."""


class Moment(datetime):
    """A subclass of one that it knows."""


class Count(int):
    """Another one."""


Point = namedtuple("Point", "x y")


def refusal(value):
    with pytest.raises(PayloadError) as caught:
        encode(value, argument="items", signal="shop.opened")
    assert (caught.value.signal, caught.value.argument) == ("shop.opened", "items")
    assert caught.value.__suppress_context__
    return str(caught.value)


def test_the_message_names_the_place_the_type_and_the_remedy():
    assert refusal([1, 2, {"price": Money()}]) == (
        f"shop.opened: items[2].price is of type {__name__}.Money, which cannot be recorded. "
        "Send a model instance or plain values, or declare the receiver with payload=callable."
    )


def test_without_a_signal_it_begins_with_the_argument():
    with pytest.raises(PayloadError, match=r"^items is of type"):
        encode(Money(), argument="items")


@pytest.mark.parametrize(
    ("value", "place"),
    [
        (Money(), "items"),
        ((1, Money()), "items[1]"),
        ({"a b": {"c": Money()}}, "items['a b'].c"),
        ({1: 1, 2: Money()}, "items[2]"),
        ({"$a": 1, "b": [Money()]}, "items.b[0]"),
        ({Money}, "items[...]"),
        ({Money: 1}, f"items[{Money!r}]"),
    ],
)
def test_the_place_of_a_refused_value(value, place):
    assert refusal(value).startswith(f"shop.opened: {place} is of type ")


@pytest.mark.parametrize(
    ("value", "remedy"),
    [
        (Painting.objects.all(), "Send list(...) of it, or the primary keys."),
        (Painting.objects.raw("select 1"), "Send list(...) of it, or the primary keys."),
        (Painting.objects, "Send list(...) of it, or the primary keys."),
        (BaseManager(), "Send list(...) of it, or the primary keys."),
        (User(pk=1).groups, "Send list(...) of it, or the primary keys."),
        (ContentFile(b"", name="a"), "Send the name of the file"),
        (io.BytesIO(), "Send the name of the file"),
        (HttpRequest(), "Send what the receiver needs of it"),
        (OrderedDict(a=1), "send dict(...) of it"),
        (QueryDict("a=1"), "send dict(...) of it"),
        (Point(1, 2), "send tuple(...) of it"),
        (Count(1), "send int(...) of it"),
        (Moment(2026, 1, 1), "payload=callable"),
        (F("price"), "payload=callable"),
        ((item for item in ()), "payload=callable"),
        (Money, "payload=callable"),
        (len, "payload=callable"),
        (time(tzinfo=ZoneInfo("Europe/Vienna")), "Send a datetime"),
        (ValueError("boom"), "payload=callable"),
    ],
    ids=lambda value: value if isinstance(value, str) else type(value).__name__,
)
def test_each_refused_type_has_its_remedy(value, remedy):
    assert remedy in refusal([value])


def test_a_queryset_is_refused_without_being_asked():
    refusal(Painting.objects.filter(title="a"))


def test_an_enumeration_that_a_worker_would_not_find_is_refused():
    class Local(enum.Enum):
        ONE = 1

    assert "Move it to the top of its module" in refusal(Local.ONE)


def test_what_an_enumeration_makes_up_is_refused():
    assert "cannot be recorded" in refusal(Made(7))


class Made(enum.Enum):
    ONE = 1

    @classmethod
    def _missing_(cls, value):
        made = object.__new__(cls)
        made._name_, made._value_ = "ONE", value
        return made


def circle(kind):
    value = kind()
    inner = {"again": value}
    value.append(inner) if kind is list else value.update(inner=inner)
    return value


@pytest.mark.parametrize(
    ("value", "place"),
    [
        (circle(list), "items[0].again"),
        (circle(dict), "items.inner.again"),
        ([circle(list)], "items[0][0].again"),
    ],
)
def test_what_contains_itself_is_refused(value, place):
    assert refusal(value).startswith(f"shop.opened: {place} contains itself.")


def test_one_object_in_two_places_is_no_circle():
    shared = [1]
    assert encode([shared, shared], argument="items") == [[1], [1]]
