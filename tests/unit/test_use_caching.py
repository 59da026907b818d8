"""`use_caching` is taken as Django takes it, and never fails on a sender."""

import django.dispatch
import pytest

from heliograph import Signal


def hear(**named):
    return "heard"


@pytest.mark.parametrize("sender", [7, "text", (1,), [], object()], ids=["number", "text", "tuple", "list", "object"])
def test_a_sender_that_cannot_be_referred_to_weakly_does_not_fail(sender, sending):
    cached = Signal(use_caching=True)
    cached.connect(hear, sender=sender)
    for _ in range(2):
        assert getattr(cached, sending)(sender) == [(hear, "heard")]


def test_django_itself_fails_there():
    cached = django.dispatch.Signal(use_caching=True)
    cached.connect(hear)
    with pytest.raises(TypeError, match="weak reference"):
        cached.send("text")


def test_the_option_may_be_given_by_position_and_read():
    assert Signal(True).use_caching is True
    assert Signal().use_caching is False


@pytest.mark.parametrize("use_caching", [False, True])
def test_what_is_remembered_follows_connecting_and_disconnecting(use_caching):
    class Sender: ...

    cached = Signal(use_caching=use_caching)
    assert cached.send(Sender) == []
    cached.connect(hear, sender=Sender)
    assert cached.send(Sender) == [(hear, "heard")]
    cached.disconnect(hear, sender=Sender)
    assert cached.send(Sender) == []


def test_the_cache_of_django_is_there_to_be_asked_and_cleared():
    cached = Signal(use_caching=True)
    cached.connect(hear)
    cached.send(Signal)
    assert cached.sender_receivers_cache.get(Signal) is not django.dispatch.dispatcher.NO_RECEIVERS
    cached.sender_receivers_cache.clear()
    assert cached.send(Signal) == [(hear, "heard")]
