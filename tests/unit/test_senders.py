"""Senders are told apart by what they are, not by what they claim to equal."""

import gc
import weakref

import pytest

from heliograph import Signal


def hear(sender, **named):
    return "heard"


class AlwaysEqual:
    def __eq__(self, other):
        return True

    def __hash__(self):
        return 1


def test_senders_that_claim_to_be_equal_are_different(either_signal, sending):
    here, there = AlwaysEqual(), AlwaysEqual()
    either_signal.connect(hear, sender=here)
    assert getattr(either_signal, sending)(there) == []
    assert getattr(either_signal, sending)(here) == [(hear, "heard")]


def test_equal_senders_are_different_with_use_caching_too(sending):
    called = Signal(use_caching=True)
    here, there = AlwaysEqual(), AlwaysEqual()
    called.connect(hear, sender=here)
    assert getattr(called, sending)(there) == []
    assert getattr(called, sending)(here) == [(hear, "heard")]


@pytest.mark.parametrize(
    "sender",
    [[], {}, 7, "text", (1, 2), object(), type, print],
    ids=["list", "dict", "number", "text", "tuple", "object", "class", "builtin"],
)
@pytest.mark.parametrize("use_caching", [False, True])
def test_anything_can_be_a_sender_hashable_and_weakly_referable_or_not(sender, use_caching, sending):
    called = Signal(use_caching=use_caching)
    called.connect(hear, sender=sender)
    assert getattr(called, sending)(sender) == [(hear, "heard")]
    assert getattr(called, sending)(object()) == []
    assert called.has_listeners(sender)
    assert called.disconnect(hear, sender=sender) is True


def test_two_bound_methods_of_one_object_are_one_sender():
    class Shop:
        def open(self): ...

    called, shop, other = Signal(), Shop(), Shop()
    called.connect(hear, sender=shop.open)
    assert called.send(shop.open) == [(hear, "heard")]
    assert called.send(other.open) == []
    assert called.send(shop) == []
    del shop
    assert called.receivers == []


def test_a_bound_method_as_sender_leaves_the_other_senders_their_receivers():
    class Shop:
        def open(self): ...

    called, shop = Signal(), Shop()
    called.connect(hear, sender=shop.open)
    called.connect(hear, sender="here")
    called.connect(hear)
    assert len(called.send("here")) == 2
    assert len(called.send("there")) == 1
    assert len(called.send(shop.open)) == 2


def test_receivers_for_one_sender_and_for_all_come_in_the_order_of_connecting(either_signal):
    def one(**named): ...
    def two(**named): ...
    def three(**named): ...

    either_signal.connect(one, sender="here")
    either_signal.connect(two)
    either_signal.connect(three, sender="here")
    assert [called for called, _ in either_signal.send("here")] == [one, two, three]


def test_a_receiver_connected_for_a_sender_and_for_all_is_called_twice(either_signal):
    either_signal.connect(hear, sender="here")
    either_signal.connect(hear)
    assert len(either_signal.send("here")) == 2
    either_signal.disconnect(hear)
    assert len(either_signal.send("here")) == 1


def test_a_signal_keeps_no_sender_alive():
    class Sender: ...

    called, sender = Signal(), Sender()
    called.connect(hear, sender=sender)
    called.send(sender)
    gone = weakref.ref(sender)
    del sender
    gc.collect()
    assert gone() is None
    assert called.receivers == []


def test_a_connection_ends_with_its_sender_so_that_a_new_object_at_its_address_is_not_heard():
    class Sender:
        __slots__ = ("__weakref__",)

    called = Signal()
    sender = Sender()
    called.connect(hear, sender=sender)
    assert called.send(sender)
    address = id(sender)
    del sender
    kept = []
    for _ in range(10_000):
        kept.append(Sender())
        if id(kept[-1]) == address:
            break
    else:
        pytest.fail("No object was made at the address of the sender that is gone.")
    assert called.send(kept[-1]) == []
    assert not called.has_listeners(kept[-1])


def test_a_new_sender_at_the_address_of_one_that_is_gone_can_be_connected():
    class Sender:
        __slots__ = ("__weakref__",)

    called = Signal()
    for _ in range(100):
        sender = Sender()
        called.connect(hear, sender=sender)
        assert called.send(sender) == [(hear, "heard")]
        del sender


def test_a_sender_in_a_cycle_goes_with_the_garbage_collector():
    class Sender: ...

    called, sender = Signal(), Sender()
    sender.itself = sender
    called.connect(hear, sender=sender)
    del sender
    gc.collect()
    assert called.receivers == []
