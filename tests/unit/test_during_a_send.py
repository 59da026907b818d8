"""What receivers connect, disconnect and send while a signal is being sent."""

import gc

import pytest

from heliograph import Signal


def test_a_receiver_that_disconnects_itself_is_called_once_and_skips_nobody(either_signal, sending):
    def once(**named):
        either_signal.disconnect(once)

    def always(**named): ...

    either_signal.connect(once)
    either_signal.connect(always)
    assert [called for called, _ in getattr(either_signal, sending)(None)] == [once, always]
    assert [called for called, _ in getattr(either_signal, sending)(None)] == [always]


def test_a_disconnection_takes_effect_at_the_next_send(either_signal, sending):
    def jealous(**named):
        either_signal.disconnect(victim)

    def victim(**named): ...

    either_signal.connect(jealous)
    either_signal.connect(victim)
    assert len(getattr(either_signal, sending)(None)) == 2
    assert len(getattr(either_signal, sending)(None)) == 1


def test_a_connection_takes_effect_at_the_next_send(either_signal, sending):
    def late(**named): ...

    def inviting(**named):
        either_signal.connect(late)

    either_signal.connect(inviting)
    assert len(getattr(either_signal, sending)(None)) == 1
    assert len(getattr(either_signal, sending)(None)) == 2


def test_emptying_the_receivers_takes_effect_at_the_next_send(either_signal, sending):
    def emptying(**named):
        either_signal.receivers = []
        either_signal.sender_receivers_cache.clear()

    def always(**named): ...

    either_signal.connect(emptying)
    either_signal.connect(always)
    assert len(getattr(either_signal, sending)(None)) == 2
    assert len(getattr(either_signal, sending)(None)) == 0


def test_a_send_within_a_send_has_its_own_receivers_and_responses(either_signal, sending):
    def outer(depth, **named):
        if depth:
            either_signal.connect(inner)
            return getattr(either_signal, sending)("inner", depth=depth - 1)
        return "leaf"

    def inner(depth, **named):
        return depth

    either_signal.connect(outer)
    assert getattr(either_signal, sending)("outer", depth=1) == [(outer, [(outer, "leaf"), (inner, 0)])]


def test_the_first_receiver_that_raises_ends_a_send(either_signal):
    called = []

    def raising(**named):
        raise LookupError("mine")

    def never(**named):
        called.append(1)

    either_signal.connect(raising)
    either_signal.connect(never)
    with pytest.raises(LookupError, match="mine"):
        either_signal.send(None)
    assert called == []


def test_a_sender_made_and_collected_by_a_receiver_ends_no_send():
    class Sender: ...

    opened = Signal()

    def collecting(**named):
        for _ in range(10):
            opened.connect(always, sender=Sender())
        gc.collect()

    def always(**named): ...

    opened.connect(collecting)
    opened.connect(always)
    assert len(opened.send(None)) == 2
    assert len(opened.receivers) == 2
