"""`capture` keeps what is sent within its block, of any Django signal."""

import asyncio

import django.dispatch
import pytest
from django.core.signals import setting_changed
from django.db.models.signals import post_init
from gallery.models import Painting, Visit

from heliograph import Signal, muted, signal
from heliograph.testing import Sending, capture

plain = django.dispatch.Signal()
cached = django.dispatch.Signal(use_caching=True)
own = Signal(name="gallery.own")


@signal(name="gallery.typed")
def typed(*, number: int) -> None:
    """A number has come up."""


SIGNALS = pytest.mark.parametrize("any_signal", [plain, cached, own, typed], ids=["plain", "cached", "own", "typed"])


class Shop:
    """A sender."""


@SIGNALS
def test_what_is_sent_within_the_block(any_signal):
    any_signal.send(Shop, number=0)
    with capture(any_signal) as sent:
        assert sent == []
        any_signal.send(Shop, number=1)
        any_signal.send_robust(Visit, number=2)
        assert len(sent) == 2
    any_signal.send(Shop, number=3)
    assert [(each.signal, each.sender, each.arguments) for each in sent] == [
        (any_signal, Shop, {"number": 1}),
        (any_signal, Visit, {"number": 2}),
    ]
    assert sent[0]["number"] == 1


@SIGNALS
def test_nothing_is_left_connected(any_signal):
    before = list(any_signal.receivers)
    with pytest.raises(LookupError), capture(any_signal):
        raise LookupError
    assert list(any_signal.receivers) == before


@SIGNALS
def test_receivers_run_as_ever_also_after_one_was_cached(any_signal):
    calls = []

    def listen(number, **_):
        calls.append(number)

    any_signal.connect(listen)
    any_signal.send(Shop, number=0)
    with capture(any_signal) as sent:
        any_signal.send(Shop, number=1)
    any_signal.send(Shop, number=2)
    any_signal.disconnect(listen)
    assert calls == [0, 1, 2]
    assert len(sent) == 1


@SIGNALS
def test_it_comes_before_receivers_that_raise_or_send(any_signal):
    def listen(number, **_):
        if number == 1:
            any_signal.send(Shop, number=2)
            raise LookupError

    any_signal.connect(listen)
    with capture(any_signal) as sent, pytest.raises(LookupError):
        any_signal.send(Shop, number=1)
    any_signal.disconnect(listen)
    assert [each["number"] for each in sent] == [1, 2]


@SIGNALS
def test_asynchronous_sendings(any_signal):
    async def listen(**_): ...

    any_signal.connect(listen)
    with capture(any_signal) as sent:
        asyncio.run(any_signal.asend(Shop, number=1))
        asyncio.run(any_signal.asend_robust(Shop, number=2))
    any_signal.disconnect(listen)
    assert [each["number"] for each in sent] == [1, 2]


def test_each_of_many():
    with capture(own) as sent:
        own.send_many(Shop, [{"number": 1}, {"number": 2}])
    assert [each["number"] for each in sent] == [1, 2]


def test_several_signals_in_the_order_of_being_sent():
    with capture(own, plain, own) as sent:
        plain.send(Shop)
        own.send(Shop)
        cached.send(Shop)
    assert [each.signal for each in sent] == [plain, own]
    assert [each.signal for each in sent.of(own)] == [own]


def test_signals_of_models():
    with capture(post_init, setting_changed) as sent:
        Visit(note="a")
        Painting(title="b")
    assert [each.sender for each in sent] == [Visit, Painting]
    assert sent.one(sender=Visit)["instance"].note == "a"


def test_blocks_within_blocks():
    with capture(own) as outer:
        own.send(Shop, number=1)
        with capture(own) as inner:
            own.send(Shop, number=2)
        own.send(Shop, number=3)
    assert [each["number"] for each in outer] == [1, 2, 3]
    assert [each["number"] for each in inner] == [2]


def test_what_is_muted_is_not_heard_here_either():
    with capture(own) as sent, muted(own):
        own.send(Shop)
    assert sent == []


def test_the_one_that_is_wanted():
    with capture(own) as sent:
        own.send(Shop, number=1, colour="red")
        own.send(Shop, number=2, colour="red")
        own.send(Visit, number=2)
    assert sent.one(number=1) is sent[0]
    assert sent.one(Shop, number=2) is sent[1]
    assert sent.one(sender=Visit) is sent[2]
    with pytest.raises(AssertionError) as raised:
        sent.one(Shop, colour="red")
    assert str(raised.value) == (
        f"There should be one sending from {__name__}.Shop with colour='red', and there are 2. Sent were:\n"
        f"  gallery.own(number=1, colour='red') from {__name__}.Shop\n"
        f"  gallery.own(number=2, colour='red') from {__name__}.Shop\n"
        "  gallery.own(number=2) from gallery.Visit"
    )
    with pytest.raises(AssertionError, match="There should be one sending with size=1, and there are 0"):
        sent.one(size=1)


def test_the_one_of_none():
    with capture(own) as sent:
        pass
    with pytest.raises(AssertionError, match=r"There should be one sending, and there are 0\. Nothing was sent\."):
        sent.one()


def test_a_sending_is_shown_by_its_names():
    assert repr(Sending(signal=own, sender=None, arguments={"number": 1})) == "gallery.own(number=1) from None"


def test_what_is_no_signal():
    with pytest.raises(TypeError, match="takes the signals"), capture():
        pass
    with pytest.raises(TypeError, match="'post_save' is none"), capture(own, "post_save"):
        pass
    assert own.receivers == []
