"""A signal that ends up causing itself is told as the chain of its receivers."""

import gc

import pytest
from django.dispatch import Signal as DjangoSignal

from heliograph import Signal, receiver
from heliograph.errors import HeliographError, SignalRecursionError

saved = Signal(name="shop.saved")
counted = Signal(name="shop.counted")


@pytest.fixture(autouse=True)
def _no_garbage_of_others():
    """What earlier tests have left is not finalized where the stack is at its end."""
    gc.collect()
    gc.disable()
    yield
    gc.enable()


@pytest.fixture(autouse=True)
def _nobody_connected():
    yield
    saved.receivers = []
    counted.receivers = []


def count(**named):
    counted.send(None)


def save(**named):
    saved.send(None)


def test_a_receiver_that_sends_its_own_signal_is_named():
    saved.connect(save)
    with pytest.raises(SignalRecursionError) as raised:
        saved.send(None)
    assert raised.value.chain == [("shop.saved", f"{__name__}.save")]
    assert str(raised.value).startswith(
        f"shop.saved ends up sending itself without end:\n  shop.saved -> {__name__}.save\n  shop.saved -> ..."
    )


def test_the_chain_goes_through_every_signal_once():
    saved.connect(count)
    counted.connect(save)
    with pytest.raises(SignalRecursionError) as raised:
        saved.send(None)
    assert sorted(raised.value.chain) == [("shop.counted", f"{__name__}.save"), ("shop.saved", f"{__name__}.count")]


def test_receivers_that_only_stand_by_are_not_in_the_chain():
    def bystander(**named): ...

    saved.connect(bystander)
    saved.connect(save)
    with pytest.raises(SignalRecursionError) as raised:
        saved.send(None)
    assert raised.value.chain == [("shop.saved", f"{__name__}.save")]


def test_it_is_a_recursion_error_so_what_caught_that_catches_it():
    assert issubclass(SignalRecursionError, RecursionError)
    assert issubclass(SignalRecursionError, HeliographError)
    saved.connect(save)
    with pytest.raises(RecursionError):
        saved.send(None)


def test_a_robust_send_answers_with_it_and_logs_it_once(caplog):
    saved.connect(save)
    ((_, error),) = saved.send_robust(None)
    assert isinstance(error, SignalRecursionError)
    assert error.chain == [("shop.saved", f"{__name__}.save")]
    assert len(caplog.records) == 1


def test_on_a_signal_of_djangos_the_receivers_connected_through_heliograph_are_named():
    foreign = DjangoSignal()

    @receiver(foreign)
    def again(**named):
        foreign.send(None)

    with pytest.raises(SignalRecursionError) as raised:
        foreign.send(None)
    ((_, name),) = raised.value.chain
    assert name.endswith("<locals>.again")


def test_a_recursion_that_is_not_the_signals_stays_as_it_is():
    def fall():  # without **named: CPython 3.13.0 does not bound the recursion of such functions
        fall()

    def sink(**named):
        fall()

    saved.connect(sink)
    with pytest.raises(RecursionError) as raised:
        saved.send(None)
    assert not isinstance(raised.value, SignalRecursionError)


def test_a_recursion_error_raised_within_a_nested_send_that_ends_stays_as_it_is():
    def nested(sender, **named):
        if sender == "outer":
            saved.send("inner")
        else:
            raise RecursionError("mine")

    saved.connect(nested)
    with pytest.raises(RecursionError) as raised:
        saved.send("middle")
    assert not isinstance(raised.value, SignalRecursionError)


def test_after_it_the_signal_works_on():
    saved.connect(save)
    with pytest.raises(SignalRecursionError):
        saved.send(None)
    saved.disconnect(save)
    saved.connect(len_of_named := lambda **named: len(named))
    assert saved.send(None) == [(len_of_named, 2)]


def test_a_recursion_below_one_nested_send_is_not_the_signals():
    def parse():
        parse()

    def nested(sender, **named):
        if sender == "outer":
            saved.send("inner")
        else:
            parse()

    saved.connect(nested)
    with pytest.raises(RecursionError) as raised:
        saved.send("outer")
    assert not isinstance(raised.value, SignalRecursionError)
    assert raised.traceback[-1].name == "parse"
