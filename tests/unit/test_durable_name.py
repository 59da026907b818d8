"""A durable receiver has a name that another process finds it by."""

import functools
from unittest import mock

import pytest

from heliograph.delivery.declaration.name import durable_name
from heliograph.errors import ReceiverDeclarationError


def ship(**kwargs): ...


async def ship_later(**kwargs): ...


@functools.wraps(ship)
def wrapped(**kwargs): ...


nameless = lambda **kwargs: None  # noqa: E731


class Shipping:
    def ship(self, **kwargs): ...

    @staticmethod
    def pack(**kwargs): ...

    @classmethod
    def label(cls, **kwargs): ...

    def __call__(self, **kwargs): ...


def make_local():
    def ship(**kwargs): ...

    class Local:
        def __call__(self, **kwargs): ...

    return ship, Local()


local, local_object = make_local()


@pytest.mark.parametrize(
    ("function", "name"),
    [
        (ship, "ship"),
        (ship_later, "ship_later"),
        (wrapped, "ship"),
        (Shipping.pack, "Shipping.pack"),
        (Shipping, "Shipping"),
    ],
)
def test_a_function_is_named_by_where_it_stands(function, name):
    assert durable_name(function) == f"{__name__}.{name}"


@pytest.mark.parametrize("function", [ship, functools.partial(ship, fast=True), Shipping(), mock.Mock()])
def test_a_given_name_counts(function):
    assert durable_name(function, "shop.ship") == "shop.ship"


@pytest.mark.parametrize("function", [functools.partial(ship), Shipping(), mock.Mock()])
def test_what_has_no_name_of_its_own_needs_one(function):
    with pytest.raises(ReceiverDeclarationError) as refused:
        durable_name(function)
    assert repr(function) in str(refused.value)
    assert "Give it as name=..." in str(refused.value)


@pytest.mark.parametrize("name", [None, "shop.ship"])
@pytest.mark.parametrize(
    ("function", "told"),
    [
        (nameless, f"{__name__}.<lambda> is a lambda"),
        (functools.partial(functools.partial(nameless)), f"{__name__}.<lambda> is a lambda"),
        (local, f"{__name__}.make_local.<locals>.ship is made inside a function"),
        (local_object, f"{__name__}.make_local.<locals>.Local is made inside a function"),
    ],
)
def test_what_no_import_brings_is_refused_under_any_name(function, told, name):
    with pytest.raises(ReceiverDeclarationError) as refused:
        durable_name(function, name)
    assert told in str(refused.value)
    assert "top level" in str(refused.value)


@pytest.mark.parametrize("name", [None, "shop.ship"])
@pytest.mark.parametrize(
    "method",
    [Shipping().ship, Shipping.label, functools.partial(Shipping().ship)],
    ids=["instance", "class", "partial"],
)
def test_a_bound_method_is_refused_under_any_name(method, name):
    with pytest.raises(ReceiverDeclarationError, match=r"Shipping\.\w+ is a bound method.* function of the module"):
        durable_name(method, name)


@pytest.mark.parametrize("name", ["", " shop.ship", "shop.ship\n", "shop\0ship", "x" * 256, 7])
def test_a_name_that_cannot_be_stored_is_refused(name):
    with pytest.raises(ReceiverDeclarationError) as refused:
        durable_name(ship, name)
    assert f"name={name!r} of {__name__}.ship is no name" in str(refused.value)


def test_a_name_as_long_as_can_be_stored():
    assert durable_name(ship, "x" * 255) == "x" * 255


def test_a_function_whose_own_name_cannot_be_stored_needs_a_shorter_one():
    def long(**kwargs): ...

    long.__qualname__ = "x" * 255
    with pytest.raises(ReceiverDeclarationError, match=r"is longer than 255 characters\. Give a shorter name=\.\.\."):
        durable_name(long)
    assert durable_name(long, "shop.ship") == "shop.ship"
