"""Threads that connect, disconnect and send at the same time."""

import gc
import sys
import threading

import pytest

from heliograph import Signal
from heliograph.dispatch.connections import _drained

DEADLINE = 20


@pytest.fixture
def many_switches():
    """Let threads take turns as often as Python can."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


def together(*workers):
    """Run functions at the same time in threads of their own, and raise what any of them raises."""
    errors = []
    start = threading.Barrier(len(workers))

    def run(worker):
        try:
            start.wait(DEADLINE)
            worker()
        except BaseException as error:  # noqa: BLE001 - raised below, in the thread of the test
            errors.append(error)

    threads = [threading.Thread(target=run, args=[worker], daemon=True) for worker in workers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(DEADLINE)
        assert not thread.is_alive(), "a thread is stuck"
    if errors:
        raise errors[0]


def in_a_thread(function):
    """Return what a function answers in another thread, which must not get stuck."""
    answers = []
    together(lambda: answers.append(function()))
    return answers[0]


@pytest.mark.usefixtures("many_switches")
def test_a_receiver_that_stays_connected_hears_every_send_while_others_come_and_go():
    opened = Signal()
    heard, sends = [], 300

    def steady(sender, **named):
        heard.append(sender)

    class Clerk:
        def hear(self, **named): ...

    def come_and_go():
        for _ in range(sends):
            clerk = Clerk()
            opened.connect(clerk.hear)
            opened.connect(clerk.hear, sender=clerk)
            opened.disconnect(clerk.hear)

    def send(kind):
        for number in range(sends):
            opened.send((kind, number))

    opened.connect(steady)
    together(come_and_go, come_and_go, lambda: send("a"), lambda: send("b"))
    assert sorted(heard) == sorted((kind, number) for kind in "ab" for number in range(sends))
    gc.collect()
    assert [called for called, _ in opened.send("end")] == [steady]
    assert len(opened.receivers) == 1


@pytest.mark.usefixtures("many_switches")
def test_a_connection_that_was_made_is_heard_by_every_later_send_and_one_undone_by_none():
    opened = Signal()

    def check():
        # The others' sends are heard too, and one that is under way may still come after the end of a connection.
        me, heard = object(), []

        def mine(sender, **named):
            heard.append(sender)

        for number in range(200):
            opened.connect(mine)
            opened.send((me, number, "connected"))
            opened.disconnect(mine)
            opened.send((me, number, "disconnected"))
        assert [sent for sent in heard if sent[0] is me] == [(me, number, "connected") for number in range(200)]

    together(check, check, check)
    assert opened.receivers == []


@pytest.mark.usefixtures("many_switches")
def test_under_one_dispatch_uid_one_receiver_is_connected_however_many_threads_try():
    def hear(**named): ...

    def connect_at_once(opened):
        together(*[lambda: opened.connect(hear, dispatch_uid="once")] * 4)
        assert len(opened.receivers) == 1
        removed = []
        together(*[lambda: removed.append(opened.disconnect(dispatch_uid="once"))] * 4)
        assert sorted(removed) == [False, False, False, True]

    for _ in range(50):
        connect_at_once(Signal())


@pytest.mark.usefixtures("many_switches")
def test_emptying_and_restoring_the_list_calls_all_receivers_or_none():
    opened = Signal()
    receivers = [lambda number=number, **named: number for number in range(5)]
    for each in receivers:
        opened.connect(each)

    def empty_and_restore():
        for _ in range(200):
            saved = opened.receivers
            opened.receivers = []
            opened.receivers = saved + opened.receivers

    def send():
        for _ in range(400):
            assert [called for called, _ in opened.send(None)] in ([], receivers)

    together(empty_and_restore, send, send)
    assert [called for called, _ in opened.send(None)] == receivers


@pytest.mark.parametrize("way", ["send", "send_robust", "has_listeners"])
def test_a_send_does_not_wait_for_the_lock(way):
    opened = Signal()

    def hear(**named):
        return "heard"

    opened.connect(hear)
    with opened.lock:
        assert in_a_thread(lambda: getattr(opened, way)(None))


def test_a_send_to_a_new_sender_does_not_wait_for_the_lock():
    class Sender: ...

    opened = Signal(use_caching=True)

    def hear(**named):
        return "heard"

    opened.connect(hear, sender=Sender)
    with opened.lock:
        assert in_a_thread(lambda: opened.send(Sender)) == [(hear, "heard")]


@pytest.mark.parametrize("what", ["receiver", "sender", "method"])
def test_a_receiver_may_be_collected_while_the_lock_is_held_by_the_same_thread(what):
    class Clerk:
        def __call__(self, **named): ...
        def hear(self, **named): ...

    def always(**named): ...

    opened, clerk = Signal(), Clerk()
    connect = {
        "receiver": lambda: opened.connect(clerk),
        "method": lambda: opened.connect(clerk.hear),
        "sender": lambda: opened.connect(always, sender=clerk),
    }
    connect[what]()

    def collect_under_the_lock():
        nonlocal clerk
        with opened.lock:
            clerk = None
            gc.collect()
            opened.sender_receivers_cache.clear()
        return opened.send(None)

    assert in_a_thread(collect_under_the_lock) == []
    assert opened.receivers == []


def test_an_object_may_disconnect_when_it_is_collected_though_its_thread_holds_the_lock():
    class Clerk:
        def hear(self, **named): ...

        def __del__(self):
            disconnected.append(opened.disconnect(always))

    def always(**named): ...

    opened, clerk, disconnected = Signal(), Clerk(), []
    opened.connect(always)

    def collect_under_the_lock():
        nonlocal clerk
        with opened.lock:
            clerk = None
            gc.collect()

    in_a_thread(collect_under_the_lock)
    assert disconnected == [True]
    assert opened.send(None) == []


def test_a_strong_receiver_let_go_under_the_lock_may_disconnect_others():
    class Sender: ...

    class Clerk:
        def __call__(self, **named): ...

        def __del__(self):
            opened.disconnect(always)

    def always(**named): ...

    opened, sender = Signal(), Sender()
    opened.connect(always)
    opened.connect(Clerk(), sender=sender, weak=False)
    sender = None
    in_a_thread(lambda: opened.connect(len))
    assert [entry[0][0] for entry in opened.receivers] == [id(len)]


def test_a_send_that_has_begun_is_not_changed_by_another_thread():
    opened = Signal()
    began, changed = threading.Event(), threading.Event()

    def first(**named):
        began.set()
        assert changed.wait(DEADLINE)

    def second(**named): ...
    def third(**named): ...

    def change():
        assert began.wait(DEADLINE)
        opened.disconnect(second)
        opened.connect(third)
        changed.set()

    answers = []
    opened.connect(first)
    opened.connect(second)
    together(change, lambda: answers.extend(opened.send(None)))
    assert [called for called, _ in answers] == [first, second]
    assert [called for called, _ in opened.send(None)] == [first, third]


@pytest.mark.usefixtures("many_switches")
def test_receivers_collected_in_one_thread_while_another_sends_leave_nothing_connected():
    opened = Signal()

    class Clerk:
        def hear(self, **named):
            return self

    def come_and_go():
        for _ in range(300):
            clerk = Clerk()
            opened.connect(clerk.hear)
            heard = [called for called, response in opened.send(None) if response is clerk]
            assert heard == [clerk.hear]
            del clerk, heard

    def send():
        for _ in range(300):
            assert all(called.__self__ is response for called, response in opened.send(None))

    together(come_and_go, come_and_go, send, send)
    assert opened.receivers == []


def test_a_connection_made_while_another_thread_finds_nobody_connected_is_heard():
    opened = Signal()

    class Gap(dict):
        """Lets another thread connect just after it has been found empty."""

        found_empty = False

        def __bool__(self):
            if not Gap.found_empty:
                Gap.found_empty = True
                together(lambda: opened.connect(hear))
                return False
            return len(self) > 0

    def hear(**named):
        return "heard"

    opened._connections.entries = Gap()
    opened.sender_receivers_cache.clear()
    assert opened.send(None) == [(hear, "heard")]


def test_what_two_threads_take_from_one_list_each_gets_once():
    items = list(range(2000))
    taken = []
    together(*[lambda: taken.extend(_drained(items))] * 4)
    assert sorted(taken) == list(range(2000))


def test_a_list_read_while_another_thread_connects_has_what_it_connects():
    opened = Signal()
    reading = threading.Event()

    def hear(**named): ...

    with opened.lock:
        reader = threading.Thread(target=lambda: (reading.set(), lists.append(opened.receivers)), daemon=True)
        lists = []
        reader.start()
        assert reading.wait(DEADLINE)
        opened.connect(hear)
    reader.join(DEADLINE)
    assert [entry[1]() for entry in lists[0]] == [hear]
