"""Nothing is left behind: not by connecting, not by sending, not by signals that are gone."""

import gc
import tracemalloc
import weakref
from pathlib import Path

import django
import django.dispatch
import pytest

import heliograph
from heliograph import Signal, muted, receiver, signal


class Clerk:
    def hear(self, **named): ...


class Sender: ...


def hear(**named): ...


djangos = django.dispatch.Signal()


def connect_and_disconnect(opened):
    opened.connect(hear, sender=Sender)
    opened.disconnect(hear, sender=Sender)


def connect_and_forget(opened):
    clerk = Clerk()
    opened.connect(clerk.hear)


def decorate_and_forget(opened):
    clerk = Clerk()
    receiver(opened)(clerk.hear)


def send_from_new_senders(opened):
    opened.connect(hear)
    opened.send(Sender())
    opened.send(type("New", (), {}))


def send_from_connected_senders(opened):
    sender = Sender()
    opened.connect(hear, sender=sender)
    opened.send(sender)


def empty_and_restore(opened):
    opened.connect(hear)
    saved = opened.receivers
    opened.receivers = []
    opened.send(None)
    opened.receivers = saved + opened.receivers


def mute(opened):
    opened.connect(hear)
    with muted(opened, hear):
        opened.send(None)


def connect_to_a_signal_of_djangos_and_disconnect(opened):
    receiver(djangos)(hear)
    assert djangos.disconnect(hear)


def connect_to_a_signal_of_djangos_and_forget(opened):
    clerk = Clerk()
    receiver(djangos)(clerk.hear)
    djangos.send(None)


def make_signals(opened):
    another = Signal()
    another.connect(hear)
    another.send(None)


DEEDS = [
    # Before 6.1 a signal of Django's keeps a finalizer of each connection itself.
    *([connect_to_a_signal_of_djangos_and_disconnect] if django.VERSION >= (6, 1) else []),
    connect_to_a_signal_of_djangos_and_forget,
    connect_and_disconnect,
    connect_and_forget,
    decorate_and_forget,
    send_from_new_senders,
    send_from_connected_senders,
    empty_and_restore,
    mute,
    make_signals,
]


#: Only what Heliograph and Django's dispatcher allocate: elsewhere in the process tables grow when they like.
ALLOCATED_HERE = [
    tracemalloc.Filter(inclusive=True, filename_pattern=f"{Path(module.__file__).parent}/*")
    for module in (heliograph, django.dispatch)
]


@pytest.mark.parametrize("deed", DEEDS, ids=[deed.__name__ for deed in DEEDS])
def test_memory_does_not_grow_with_repetition(deed):
    opened = Signal()

    def held_after(times):
        for _ in range(times):
            deed(opened)
        gc.collect()
        snapshot = tracemalloc.take_snapshot().filter_traces(ALLOCATED_HERE)
        return sum(trace.size for trace in snapshot.traces)

    tracemalloc.start()
    try:
        held_after(300)  # fills free lists and caches
        before = held_after(10)
        after = held_after(3000)
    finally:
        tracemalloc.stop()
    assert after - before < 30_000, f"{(after - before) / 3000} bytes each time"


def typed():
    @signal
    def opened(*, door: int) -> None: ...

    return opened


@pytest.mark.parametrize("make", [Signal, typed])
def test_a_signal_goes_when_nobody_holds_it(make):
    opened = make()
    clerk, sender = Clerk(), Sender()
    opened.connect(clerk.hear, sender=sender)
    receiver(opened)(hear)
    assert opened.receivers
    opened.send(sender, door=1)
    gone = weakref.ref(opened)
    del opened
    gc.collect()
    assert gone() is None


def test_what_was_sent_goes_with_the_send():
    opened, sent, sender = Signal(), Clerk(), Sender()
    opened.connect(hear)
    opened.send(sender, sent=sent)
    opened.send_robust(sender, sent=sent)
    gone = [weakref.ref(sent), weakref.ref(sender)]
    del sent, sender
    assert [reference() for reference in gone] == [None, None]


def test_a_list_that_was_handed_out_goes_when_nobody_holds_it():
    opened = Signal()
    opened.connect(hear)
    gone = weakref.ref(opened.receivers)
    assert gone() is None
