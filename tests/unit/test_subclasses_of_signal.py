"""Subclasses that were written for Django's `Signal` work on Heliograph's."""

import asyncio

import pytest
from django.dispatch.dispatcher import NO_RECEIVERS

from heliograph import Signal, muted, receiver


def one(**named):
    return 1


def two(**named):
    return 2


class Switched(Signal):
    """Has a name of its own, and can be turned off."""

    def __init__(self, name, *args, **kwargs):
        self.name = name
        self.on = True
        super().__init__(*args, **kwargs)

    def send(self, *args, **kwargs):
        return super().send(*args, **kwargs) if self.on else []


def test_a_subclass_may_have_a_name_and_a_send_of_its_own():
    lamp = Switched("lamp", use_caching=True)
    lamp.connect(one)
    assert lamp.name == "lamp"
    assert lamp.use_caching is True
    assert lamp.send(sender=None) == [(one, 1)]
    lamp.on = False
    assert lamp.send(sender=None) == []


def test_a_name_set_after_the_signals_own_init_stays_too():
    class Named(Signal):
        def __init__(self, name):
            super().__init__()
            self.name = name

    assert Named("late").name == "late"


class Weighted(Signal):
    """Calls its receivers by their weight, by sorting the list of receivers."""

    def connect(self, receiver, sender=None, weak=True, dispatch_uid=None, weight=50):
        super().connect(receiver, sender=sender, weak=weak, dispatch_uid=f"{weight}{dispatch_uid or id(receiver)}")

    def _live_receivers(self, sender):
        self.receivers.sort(key=lambda entry: entry[0])
        return super()._live_receivers(sender=sender)


def test_a_subclass_may_order_its_receivers_in_live_receivers():
    weighted = Weighted()
    weighted.connect(one, weight=20)
    weighted.connect(two, weight=10)
    assert weighted.send(None) == weighted.send_robust(None) == [(two, 2), (one, 1)]
    assert asyncio.run(weighted.asend(None)) == [(two, 2), (one, 1)]


def test_the_decorator_passes_a_subclass_its_own_options():
    weighted = Weighted()

    @receiver(weighted, weight=90)
    def last(**named): ...

    receiver(weighted, weight=10)(one)
    assert [called for called, _ in weighted.send(None)] == [one, last]


class Filtered(Signal):
    """Calls those only that it likes, by its own `_live_receivers`."""

    def _live_receivers(self, sender):
        synchronous, asynchronous = super()._live_receivers(sender)
        return [each for each in synchronous if each in self.liked], asynchronous


@pytest.mark.parametrize("way", ["send", "send_robust"])
def test_a_subclass_may_choose_its_receivers_in_live_receivers_anew_at_each_send(way):
    filtered = Filtered()
    filtered.connect(one)
    filtered.connect(two)
    for filtered.liked in ([one], [two], [one, two], []):
        assert [called for called, _ in getattr(filtered, way)(None)] == filtered.liked
    assert not filtered.has_listeners()


def test_a_mute_holds_for_such_a_subclass():
    filtered = Filtered()
    filtered.liked = [one, two]
    filtered.connect(one)
    filtered.connect(two)
    with muted(one):
        assert filtered.send(None) == [(two, 2)]
    with muted(filtered):
        assert filtered.send(None) == []


class OfPlugins(Signal):
    """Sends in its own way, with the means that Django's dispatcher has."""

    def send(self, sender, **named):
        if not self.receivers or self.sender_receivers_cache.get(sender) is NO_RECEIVERS:
            return []
        synchronous, _ = self._live_receivers(sender)
        return [
            (each, each(signal=self, sender=sender, **named)) for each in synchronous if each.__module__ == __name__
        ]


def test_a_subclass_may_send_in_its_own_way():
    plugged = OfPlugins()
    plugged.connect(one)
    plugged.connect(print)
    assert plugged.send("here") == [(one, 1)]
    with muted(one):
        assert plugged.send("here") == []


def test_a_subclass_may_look_at_the_receiver_in_its_connect():
    seen = []

    class Looking(Signal):
        def connect(self, receiver, *args, **kwargs):
            seen.append((receiver.__module__, receiver.__qualname__))
            super().connect(receiver, *args, **kwargs)

    looking = Looking()
    receiver(looking)(one)
    looking.connect(two)
    assert seen == [(__name__, "one"), (__name__, "two")]
    assert looking.send(None) == [(one, 1), (two, 2)]


def test_a_subclass_may_mix_in_a_class_of_its_own():
    class Described:
        description = "described"

    class Mixed(Described, Signal):
        pass

    mixed = Mixed()
    mixed.connect(one)
    assert (mixed.description, mixed.send(None)) == ("described", [(one, 1)])
