"""A durable receiver's options are checked when it is declared."""

import inspect

import pytest

from heliograph.delivery.decisions.retry import LONGEST_SECONDS, RetryPolicy
from heliograph.delivery.declaration.options import DURABLE_OPTIONS, DurableOptions, durable_options
from heliograph.errors import ReceiverDeclarationError


def test_the_defaults():
    assert durable_options("shop.ship", {}) == DurableOptions(
        retry=RetryPolicy(),
        ordering="key",
        partitions=1,
        batch=None,
        atomic=True,
        timeout=300,
        start="now",
        payload=None,
        snapshot=True,
        raw=False,
        aliases=(),
    )


@pytest.mark.parametrize("option", DURABLE_OPTIONS)
def test_every_default_may_be_given_and_is_explained(option):
    default = getattr(DurableOptions(), option)
    assert durable_options("shop.ship", {option: default}) == DurableOptions()
    assert f"    {option}: " in inspect.getdoc(DurableOptions)


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("retry", RetryPolicy(max_attempts=1)),
        ("ordering", "strict"),
        ("ordering", "none"),
        ("partitions", 1024),
        ("batch", 1),
        ("batch", 500),
        ("atomic", False),
        ("timeout", 0.1),
        ("timeout", LONGEST_SECONDS),
        ("start", "beginning"),
        ("payload", dict),
        ("snapshot", False),
        ("raw", True),
        ("aliases", ("shop.send",)),
    ],
)
def test_what_may_be_given(option, value):
    assert getattr(durable_options("shop.ship", {option: value}), option) == value


def test_lists_are_kept_as_they_were_given():
    names = ["number", "total"]
    options = durable_options("shop.ship", {"snapshot": names, "aliases": names})
    names.clear()
    assert options.snapshot == options.aliases == ("number", "total")


@pytest.mark.parametrize(
    ("option", "value", "allowed"),
    [
        ("retry", 3, "a RetryPolicy such as RetryPolicy(max_attempts=5)"),
        ("retry", RetryPolicy, "a RetryPolicy such as"),
        ("ordering", "sender", "'key', 'strict' or 'none'"),
        ("ordering", None, "'key', 'strict' or 'none'"),
        ("ordering", ["key"], "'key', 'strict' or 'none'"),
        ("partitions", 0, "a whole number from 1 to 1024"),
        ("partitions", 1025, "a whole number from 1 to 1024"),
        ("partitions", 2.0, "a whole number from 1 to 1024"),
        ("partitions", True, "a whole number from 1 to 1024"),
        ("batch", 0, "a whole number from 1, or None"),
        ("batch", 2.0, "a whole number from 1, or None"),
        ("batch", True, "a whole number from 1, or None"),
        ("atomic", None, "True or False"),
        ("atomic", 1, "True or False"),
        ("timeout", 0, "a number of seconds above 0"),
        ("timeout", None, "a number of seconds above 0"),
        ("timeout", True, "a number of seconds above 0"),
        ("timeout", float("nan"), "a number of seconds above 0"),
        ("timeout", float("inf"), f"up to {LONGEST_SECONDS}"),
        ("start", "end", "'now' or 'beginning'"),
        ("start", ["now"], "'now' or 'beginning'"),
        ("payload", {"total": 1}, "a callable, or None"),
        ("snapshot", "number", "a list of field names, True or False"),
        ("snapshot", [1], "a list of field names, True or False"),
        ("snapshot", None, "a list of field names, True or False"),
        ("raw", "yes", "True or False"),
        ("aliases", "shop.send", "a list of names"),
        ("aliases", {"shop.send"}, "a list of names"),
        ("aliases", [""], "a list of names"),
        ("aliases", [7], "a list of names"),
        ("aliases", ["x" * 256], "a list of names of 1 to 255 characters"),
    ],
)
def test_a_value_that_cannot_work_is_refused_with_the_receiver_and_what_may_be_given(option, value, allowed):
    with pytest.raises(ReceiverDeclarationError) as refused:
        durable_options("shop.ship", {option: value})
    assert f"shop.ship: {option} is " in str(refused.value)
    assert allowed in str(refused.value)
    assert f", not {value!r}." in str(refused.value)


@pytest.mark.parametrize(
    ("option", "remedy"),
    [
        ("partition", "Did you mean 'partitions'?"),
        ("timeuot", "Did you mean 'timeout'?"),
        ("colour", f"The options are: {', '.join(DURABLE_OPTIONS)}."),
    ],
)
def test_an_unknown_option_is_refused_with_the_receiver_and_the_nearest(option, remedy):
    with pytest.raises(ReceiverDeclarationError) as refused:
        durable_options("shop.ship", {option: 1})
    assert str(refused.value) == f"shop.ship: a durable receiver has no option {option!r}. {remedy}"


@pytest.mark.parametrize("batch", [1, 100])
def test_a_batch_needs_a_transaction(batch):
    with pytest.raises(ReceiverDeclarationError, match=rf"shop\.ship: batch={batch} needs atomic=True.*Leave one"):
        durable_options("shop.ship", {"batch": batch, "atomic": False})


def test_an_alias_is_another_name():
    with pytest.raises(ReceiverDeclarationError, match=r"shop\.ship: aliases .*'shop\.ship' is its name now"):
        durable_options("shop.ship", {"aliases": ["shop.send", "shop.ship"]})
