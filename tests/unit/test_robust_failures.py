"""`send_robust` goes on after a receiver that raises, whatever the receiver is."""

import functools
import logging

import pytest

from heliograph import Signal, receiver


def failing(**named):
    raise LookupError("mine")


def hear(**named):
    return "heard"


class Failing:
    def __call__(self, **named):
        raise LookupError("mine")

    def method(self, **named):
        raise LookupError("mine")


KINDS = {
    "function": (failing, "failing"),
    "partial": (functools.partial(failing, kind=1), f"{__name__}.failing"),
    "object": (Failing(), f"{__name__}.Failing"),
    "bound method": (Failing().method, "Failing.method"),
}


@pytest.mark.parametrize(("hear_badly", "name"), KINDS.values(), ids=KINDS)
@pytest.mark.parametrize("connect", [Signal.connect, lambda signal, hear, **how: receiver(signal, **how)(hear)])
def test_the_error_becomes_the_response_and_is_logged_with_the_receivers_name(hear_badly, name, connect, caplog):
    opened = Signal()
    connect(opened, hear_badly, weak=False)
    connect(opened, hear)
    (_, error), last = opened.send_robust(None)
    assert isinstance(error, LookupError)
    assert error.__traceback__ is not None
    assert last == (hear, "heard")
    (record,) = caplog.records
    assert (record.name, record.levelno) == ("django.dispatch", logging.ERROR)
    assert record.getMessage() == f"Error calling {name} in Signal.send_robust() (mine)"
    assert record.exc_info[1] is error


@pytest.mark.parametrize("serious", [KeyboardInterrupt, SystemExit, GeneratorExit])
def test_what_is_no_exception_but_an_end_goes_through(either_signal, serious):
    def ending(**named):
        raise serious

    either_signal.connect(ending)
    with pytest.raises(serious):
        either_signal.send_robust(None)


def test_an_exception_that_is_returned_is_a_response_like_any_other(either_signal, caplog):
    error = LookupError("returned")

    def returning(**named):
        return error

    either_signal.connect(returning)
    assert either_signal.send_robust(None) == [(returning, error)]
    assert caplog.records == []


def test_a_subclass_may_log_in_its_own_way():
    class Quiet(Signal):
        def _log_robust_failure(self, receiver, err):
            logged.append((receiver, str(err)))

    logged = []
    opened = Quiet()
    opened.connect(failing)
    opened.send_robust(None)
    assert logged == [(failing, "mine")]
