"""What can go wrong in silence with Django's dispatcher is said here."""

import asyncio
import functools
import gc
import inspect
import warnings

import pytest

from heliograph import Signal, receiver
from heliograph.errors import DispatchUidWarning, HeliographWarning, LostReceiverWarning


def first(**named): ...
def second(**named): ...


def place(function):
    return f"{__file__}:{function.__code__.co_firstlineno}"


def connect_local(signal, **options):
    def local(**named): ...

    signal.connect(local, **options)
    return place(local)


@pytest.mark.parametrize("connect", [Signal.connect, lambda signal, hear, **how: receiver(signal, **how)(hear)])
def test_another_function_under_a_used_dispatch_uid_is_refused_and_both_places_are_named(connect):
    opened = Signal()
    connect(opened, first, dispatch_uid="uid")
    with pytest.warns(DispatchUidWarning) as warned:
        connect(opened, second, dispatch_uid="uid")
    (warning,) = warned
    assert warning.filename == __file__
    text = str(warning.message)
    assert "'uid'" in text
    for function in first, second:
        assert f"{__name__}.{function.__name__}" in text
        assert place(function) in text
    assert [called for called, _ in opened.send(None)] == [first]


@pytest.mark.parametrize("weak", [True, False])
def test_the_same_function_again_is_no_reason_to_warn(weak):
    opened = Signal()
    opened.connect(first, dispatch_uid="uid", weak=weak)
    opened.connect(first, dispatch_uid="uid", weak=weak)


def test_the_same_line_again_is_no_reason_to_warn_as_when_a_module_is_reloaded():
    opened = Signal()

    def connect():
        def local(**named): ...

        opened.connect(local, dispatch_uid="uid", weak=False)

    connect()
    connect()


def test_another_sender_is_no_reason_to_warn():
    opened = Signal()
    opened.connect(first, dispatch_uid="uid", sender="here")
    opened.connect(second, dispatch_uid="uid", sender="there")


def test_a_dispatch_uid_that_was_freed_is_no_reason_to_warn():
    opened = Signal()
    opened.connect(first, dispatch_uid="uid")
    opened.disconnect(dispatch_uid="uid")
    opened.connect(second, dispatch_uid="uid")


def test_partials_and_objects_are_named_too():
    class Clerk:
        def __call__(self, **named): ...

    opened = Signal()
    opened.connect(functools.partial(first, kind=1), dispatch_uid="uid", weak=False)
    with pytest.warns(DispatchUidWarning, match=r"Clerk .*test_warnings\.first"):
        opened.connect(Clerk(), dispatch_uid="uid", weak=False)


@pytest.mark.parametrize("act", ["send", "send_robust", "has_listeners", "connect"])
def test_a_local_function_that_was_collected_is_named_at_the_next_send_or_connect(act):
    opened = Signal()
    where = connect_local(opened)
    gc.collect()
    argument = first if act == "connect" else None
    with pytest.warns(LostReceiverWarning) as warned:
        getattr(opened, act)(argument)
    (warning,) = warned
    assert warning.filename == __file__
    assert "connect_local.<locals>.local" in str(warning.message)
    assert where in str(warning.message)


def test_it_is_said_once():
    opened = Signal()
    connect_local(opened)
    with pytest.warns(LostReceiverWarning):
        opened.send(None)
    opened.send(None)
    opened.connect(first)


def test_an_asynchronous_send_says_it_too():
    opened = Signal()
    connect_local(opened)
    with pytest.warns(LostReceiverWarning, match="local"):
        asyncio.run(opened.asend(None))


def test_nothing_is_said_from_the_finalizer():
    opened = Signal()
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        connect_local(opened)
        gc.collect()
    assert warned == []
    with pytest.warns(LostReceiverWarning):
        opened.send(None)


def test_a_lambda_that_was_collected_is_named():
    opened = Signal()
    opened.connect(lambda **named: None)
    with pytest.warns(LostReceiverWarning, match="<lambda>"):
        opened.send(None)


def test_a_local_function_that_was_disconnected_is_no_reason_to_warn():
    opened = Signal()

    def local(**named): ...

    opened.connect(local)
    opened.disconnect(local)
    del local
    gc.collect()
    opened.send(None)
    opened.connect(first)


def test_a_local_function_that_is_held_strongly_is_no_reason_to_warn():
    opened = Signal()
    connect_local(opened, weak=False)
    gc.collect()
    assert len(opened.send(None)) == 1


def test_an_object_that_was_collected_is_no_reason_to_warn():
    class Clerk:
        def __call__(self, **named): ...
        def hear(self, **named): ...

    opened = Signal()
    clerk = Clerk()
    opened.connect(clerk)
    opened.connect(clerk.hear)
    del clerk
    gc.collect()
    opened.send(None)
    opened.connect(first)


@pytest.mark.parametrize("kind", [DispatchUidWarning, LostReceiverWarning])
def test_the_warnings_are_user_warnings(kind):
    assert issubclass(kind, HeliographWarning)
    assert issubclass(kind, UserWarning)
    assert inspect.getdoc(kind)
