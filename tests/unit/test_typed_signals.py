"""`@signal`: the signature of a function is what its signal sends."""

import asyncio
import inspect

import django.dispatch
import pytest
from django.test import override_settings

from heliograph import Signal, receiver, signal
from heliograph.errors import PayloadError, SignalDeclarationError


@signal
def order_created(*, order: int, note: str = "", tags: tuple[str, ...] = ()) -> None:
    """An order and its items have been written."""


@signal
def shop_opened() -> None: ...


@pytest.fixture(autouse=True)
def _nobody_connected():
    yield
    order_created.receivers = []


def hear(**named):
    return named


WAYS = {
    "send": lambda *args, **named: order_created.send(*args, **named),
    "send_robust": lambda *args, **named: order_created.send_robust(*args, **named),
    "asend": lambda *args, **named: asyncio.run(order_created.asend(*args, **named)),
    "asend_robust": lambda *args, **named: asyncio.run(order_created.asend_robust(*args, **named)),
}


@pytest.fixture(params=WAYS)
def send(request):
    """Send in each of the four ways in turn."""
    return WAYS[request.param]


def test_it_is_a_signal_with_the_functions_name_documentation_and_signature():
    assert isinstance(order_created, Signal)
    assert isinstance(order_created, django.dispatch.Signal)
    assert order_created.__name__ == "order_created"
    assert order_created.__doc__ == "An order and its items have been written."
    assert inspect.getdoc(order_created) == "An order and its items have been written."
    assert order_created.__module__ == __name__
    assert list(order_created.signature.parameters) == ["order", "note", "tags"]


def test_its_name_is_that_of_the_function():
    assert order_created.name == f"{__name__}.order_created"


@pytest.mark.parametrize("debug", [False, True])
def test_what_is_sent_arrives_and_defaults_are_filled_in(send, debug):
    order_created.connect(hear)
    with override_settings(DEBUG=debug):
        ((_, named),) = send("shop", order=7, note="quick")
    assert named == {"signal": order_created, "sender": "shop", "order": 7, "note": "quick", "tags": ()}


def test_the_sender_may_be_given_by_name(send):
    order_created.connect(hear, sender="shop")
    assert len(send(sender="shop", order=7)) == 1


@override_settings(DEBUG=True)
def test_under_debug_a_missing_argument_is_an_error_that_names_it(send):
    with pytest.raises(PayloadError) as raised:
        send(None, note="x")
    assert raised.value.argument == "order"
    assert raised.value.signal == f"{__name__}.order_created"
    assert "'order'" in str(raised.value)
    assert "order_created(*, order: int, note: str = ''" in str(raised.value)


@override_settings(DEBUG=True)
def test_under_debug_an_unknown_argument_is_an_error_that_names_it(send):
    with pytest.raises(PayloadError) as raised:
        send(None, order=7, colour="red")
    assert raised.value.argument == "colour"
    assert isinstance(raised.value, TypeError)


@override_settings(DEBUG=True)
def test_debug_errors_come_though_nobody_is_connected():
    with pytest.raises(PayloadError):
        shop_opened.send(None, door=1)


@override_settings(DEBUG=False)
def test_without_debug_nothing_is_looked_at(send):
    order_created.connect(hear)
    ((_, named),) = send(None, colour="red")
    assert named["colour"] == "red"


@pytest.mark.parametrize("debug", [False, True])
def test_a_positional_payload_is_always_an_error(send, debug):
    with override_settings(DEBUG=debug), pytest.raises(PayloadError, match="keyword only 'order'"):
        send(None, 7)
    with override_settings(DEBUG=debug), pytest.raises(TypeError):
        shop_opened.send(None, 7)


def test_a_signal_without_payload():
    shop_opened.connect(hear)
    assert shop_opened.send("shop") == [(hear, {"signal": shop_opened, "sender": "shop"})]
    shop_opened.disconnect(hear)


def test_receivers_connect_as_to_any_signal():
    @receiver(order_created, sender="shop")
    def ours(order, **named):
        return order

    @django.dispatch.receiver(order_created)
    def djangos(order, **named):
        return -order

    assert order_created.send("shop", order=7) == [(ours, 7), (djangos, -7)]


def test_the_body_of_the_function_is_never_run():
    @signal
    def touchy(*, order: int) -> None:
        raise AssertionError

    touchy.send(None, order=7)


def refused(match):
    return pytest.raises(SignalDeclarationError, match=match)


@pytest.mark.parametrize("word", ["self", "sender", "signal"])
def test_what_every_receiver_gets_anyway_is_refused(word):
    scope = {}
    exec(f"def declared(*, order, {word}): ...", scope)
    with refused(f"'{word}' is what every receiver gets"):
        signal(scope["declared"])


@pytest.mark.parametrize(
    "parameters", ["order", "order, /", "*orders", "**orders", "order, *, note", "*, note, **rest"]
)
def test_parameters_that_are_not_keyword_only_are_refused_with_the_place(parameters):
    scope = {}
    exec(f"def declared({parameters}): ...", scope)
    with refused(r"@signal declared \(<string>:1\).*not keyword-only"):
        signal(scope["declared"])


def test_what_is_no_plain_function_is_refused():
    async def asynchronous(*, order): ...

    with refused("not async"):
        signal(asynchronous)
    for other in (Signal, len, order_created, "text"):
        with refused("stands on a function"):
            signal(other)


def test_it_is_a_type_error():
    with pytest.raises(TypeError):
        signal(lambda order: None)
