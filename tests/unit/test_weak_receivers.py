"""A signal keeps no receiver alive, unless it is asked to."""

import functools
import gc
import weakref

import pytest

from heliograph import Signal, receiver


class Clerk:
    def hear(self, **named):
        return "clerk"

    @classmethod
    def hear_all(cls, **named):
        return cls

    @staticmethod
    def hear_plain(**named):
        return "plain"

    def __call__(self, **named):
        return "called"


def test_a_bound_method_is_heard_as_long_as_its_object_lives(either_signal):
    clerk = Clerk()
    either_signal.connect(clerk.hear)
    assert either_signal.send(None) == [(clerk.hear, "clerk")]
    del clerk
    gc.collect()
    assert either_signal.send(None) == []
    assert not either_signal.has_listeners()


def test_a_callable_object_is_heard_as_long_as_it_lives(either_signal):
    clerk = Clerk()
    either_signal.connect(clerk)
    assert either_signal.send(None) == [(clerk, "called")]
    del clerk
    gc.collect()
    assert either_signal.send(None) == []


def test_a_receiver_in_a_cycle_goes_with_the_garbage_collector(either_signal):
    clerk = Clerk()
    clerk.itself = clerk
    either_signal.connect(clerk.hear)
    del clerk
    gc.collect()
    assert either_signal.send(None) == []
    assert either_signal.receivers == [] or not either_signal.has_listeners()


def test_what_is_gone_is_no_longer_among_the_receivers():
    opened, clerk = Signal(), Clerk()
    opened.connect(clerk.hear)
    held = opened.receivers
    assert len(held) == 1
    del clerk
    gc.collect()
    with opened.lock:
        opened._clear_dead_receivers()
    assert opened.receivers == held == []


@pytest.mark.parametrize("make", [lambda: Clerk().hear, Clerk, lambda: functools.partial(dict, kind="partial")])
def test_weak_false_keeps_the_receiver(either_signal, make):
    either_signal.connect(make(), weak=False)
    gc.collect()
    assert len(either_signal.send(None)) == 1


@pytest.mark.parametrize("make", [lambda: Clerk().hear, Clerk, lambda: functools.partial(dict, kind="partial")])
def test_a_receiver_that_nothing_else_holds_is_gone_at_once(either_signal, make):
    either_signal.connect(make())
    gc.collect()
    assert either_signal.send(None) == []


@pytest.mark.parametrize("weak", [True, False])
@pytest.mark.parametrize(
    "hear",
    [Clerk.hear_all, Clerk.hear_plain, Clerk, dict, print],
    ids=["class method", "static method", "class", "builtin class", "builtin"],
)
def test_class_methods_static_methods_classes_and_builtins_may_be_receivers(either_signal, hear, weak, capsys):
    either_signal.connect(hear, weak=weak)
    if hear is print or hear is Clerk:
        with pytest.raises(TypeError):  # they take no such arguments, but they were called
            either_signal.send(None)
    else:
        assert either_signal.send(None) == [(hear, hear(signal=either_signal, sender=None))]
    assert either_signal.disconnect(hear) is True


class WithSlots:
    __slots__ = ("__weakref__",)

    def hear(self, **named):
        return "slots"


class WithoutWeakReferences:
    __slots__ = ()

    def hear(self, **named):
        return "slots"

    def __call__(self, **named):
        return "called"


class Unhashable:
    def __eq__(self, other):
        return True

    __hash__ = None

    def hear(self, **named):
        return "method"

    def __call__(self, **named):
        return "called"


def test_a_method_of_an_object_with_slots_may_be_weak(either_signal):
    clerk = WithSlots()
    either_signal.connect(clerk.hear)
    assert either_signal.send(None) == [(clerk.hear, "slots")]


@pytest.mark.parametrize("method", [True, False])
def test_what_cannot_be_referred_to_weakly_has_to_be_connected_strongly(either_signal, method):
    clerk = WithoutWeakReferences()
    hear = clerk.hear if method else clerk
    with pytest.raises(TypeError, match="weak reference"):
        either_signal.connect(hear)
    assert either_signal.send(None) == []
    either_signal.connect(hear, weak=False)
    assert len(either_signal.send(None)) == 1
    assert either_signal.disconnect(hear) is True


@pytest.mark.parametrize("weak", [True, False])
@pytest.mark.parametrize("connect", [Signal.connect, lambda signal, hear, **how: receiver(signal, **how)(hear)])
@pytest.mark.parametrize("method", [True, False])
def test_receivers_that_cannot_be_hashed_and_claim_to_be_equal_are_told_apart(weak, connect, method):
    opened = Signal()
    one, other = Unhashable(), Unhashable()
    heard = [each.hear if method else each for each in (one, other)]
    for each in heard:
        connect(opened, each, weak=weak)
    assert len(opened.send(None)) == 2
    assert opened.disconnect(heard[0]) is True
    (left, _), *others = opened.send_robust(None)
    assert getattr(left, "__self__", left) is other
    assert others == []


def test_a_receiver_made_at_the_address_of_one_that_is_gone_can_be_connected():
    opened = Signal()
    for _ in range(100):
        clerk = WithSlots()
        opened.connect(clerk.hear)
        assert opened.send(None) == [(clerk.hear, "slots")]
        del clerk


def test_a_weak_receiver_under_a_dispatch_uid_makes_room_when_it_is_gone(either_signal):
    clerk = Clerk()
    either_signal.connect(clerk.hear, dispatch_uid="clerk")
    del clerk
    gc.collect()
    clerk = Clerk()
    either_signal.connect(clerk.hear, dispatch_uid="clerk")
    assert either_signal.send(None) == [(clerk.hear, "clerk")]


def test_a_receiver_connected_weakly_and_strongly_is_connected_as_it_was_first(either_signal):
    clerk = Clerk()
    either_signal.connect(clerk.hear)
    either_signal.connect(clerk.hear, weak=False)
    assert len(either_signal.send(None)) == 1
    gone = weakref.ref(clerk)
    del clerk
    gc.collect()
    assert gone() is None


def test_the_decorator_keeps_no_receiver_alive_either(either_signal):
    clerk = Clerk()
    receiver(either_signal)(clerk.hear)
    assert len(either_signal.send(None)) == 1
    gone = weakref.ref(clerk)
    del clerk
    gc.collect()
    assert gone() is None
    assert either_signal.send(None) == []
