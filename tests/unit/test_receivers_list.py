"""`signal.receivers` and its like, in the ways in which tools read and change them."""

import copy
import threading
import weakref
from unittest import mock

import pytest

from heliograph import Signal


def one(**named):
    return 1


def two(**named):
    return 2


def three(**named):
    return 3


@pytest.fixture
def opened():
    """A signal with two receivers."""
    opened = Signal()
    opened.connect(one)
    opened.connect(two, sender="here", dispatch_uid="second", weak=False)
    return opened


def test_an_entry_has_key_receiver_sender_and_whether_it_is_asynchronous(opened):
    class Sender: ...

    async def hear(**named): ...

    opened.connect(hear, sender=Sender)
    first, second, third = opened.receivers
    assert first[0] == (id(one), id(None))
    assert isinstance(first[1], weakref.ref)
    assert first[1]() is one
    assert first[2:] == (None, False)
    assert second == (("second", id("here")), two, None, False)
    assert third[0] == (id(hear), id(Sender))
    assert third[2]() is Sender
    assert third[3] is True
    assert all(isinstance(entry, tuple) and len(entry) == 4 for entry in opened.receivers)


def test_a_bound_method_has_both_ids_in_its_key(opened):
    class Clerk:
        def hear(self, **named): ...

    clerk = Clerk()
    opened.connect(clerk.hear)
    (receiver_key, _), reference, _, _ = opened.receivers[-1]
    assert receiver_key == (id(clerk), id(Clerk.hear))
    assert isinstance(reference, weakref.WeakMethod)


def test_it_is_a_list_and_the_same_one_as_long_as_somebody_holds_it(opened):
    held = opened.receivers
    assert isinstance(held, list)
    assert opened.receivers is held
    assert held == list(held) != []


def test_a_list_that_is_held_follows_the_connections(opened):
    held = opened.receivers
    opened.connect(three)
    assert [entry[0][0] for entry in held] == [id(one), "second", id(three)]
    opened.disconnect(one)
    assert [entry[0][0] for entry in held] == ["second", id(three)]


def test_after_another_list_is_assigned_the_one_before_keeps_its_entries(opened):
    saved = opened.receivers
    opened.receivers = []
    assert opened.send("here") == []
    assert not opened.has_listeners("here")
    opened.connect(three)
    assert len(saved) == 2
    opened.receivers = saved + opened.receivers
    assert opened.send("here") == [(one, 1), (two, 2), (three, 3)]


def test_what_is_done_to_a_list_that_was_replaced_is_not_heard(opened):
    saved = opened.receivers
    opened.receivers = []
    saved.clear()
    saved.append((("x", id(None)), one, None, False))
    assert opened.send("here") == []


def test_an_assigned_list_may_be_assigned_back(opened):
    saved = opened.receivers
    for _ in range(3):
        opened.receivers = []
        opened.receivers = saved
    assert opened.send("here") == [(one, 1), (two, 2)]
    opened.disconnect(one)
    assert opened.send("here") == [(two, 2)]


ENTRY = (("added", id(None)), three, None, False)
CHANGES = {
    "append": lambda signal: signal.receivers.append(ENTRY),
    "insert": lambda signal: signal.receivers.insert(2, ENTRY),
    "extend": lambda signal: signal.receivers.extend([ENTRY]),
    "in-place sum": lambda signal: signal.__setattr__("receivers", signal.receivers.__iadd__([ENTRY])),
    "slice": lambda signal: signal.receivers.__setitem__(slice(2, None), [ENTRY]),
    "sum": lambda signal: setattr(signal, "receivers", signal.receivers + [ENTRY]),  # noqa: RUF005
    "tuple": lambda signal: setattr(signal, "receivers", (*signal.receivers, ENTRY)),
    "generator": lambda signal: setattr(signal, "receivers", (each for each in [*signal.receivers, ENTRY])),
}


@pytest.mark.parametrize("add", CHANGES.values(), ids=CHANGES)
def test_a_plain_entry_may_be_added_in_every_way(opened, add):
    add(opened)
    assert opened.send("here") == [(one, 1), (two, 2), (three, 3)]
    assert opened.disconnect(dispatch_uid="added") is True


def test_adding_with_an_augmented_assignment(opened):
    opened.receivers += [ENTRY]
    assert opened.send(None) == [(one, 1), (three, 3)]


REMOVALS = {
    "remove": lambda signal: signal.receivers.remove(signal.receivers[0]),
    "pop": lambda signal: signal.receivers.pop(0),
    "del": lambda signal: signal.receivers.__delitem__(0),
    "filter": lambda signal: setattr(signal, "receivers", [e for e in signal.receivers if e[0][0] != id(one)]),
    "slice": lambda signal: signal.receivers.__setitem__(slice(None), signal.receivers[1:]),
}


@pytest.mark.parametrize("remove", REMOVALS.values(), ids=REMOVALS)
def test_an_entry_may_be_removed_in_every_way(opened, remove):
    remove(opened)
    assert opened.send("here") == [(two, 2)]


def test_clearing_the_list_disconnects_everybody(opened):
    opened.receivers.clear()
    assert opened.send("here") == []
    assert opened.disconnect(one) is False


@pytest.mark.parametrize("order", [lambda entries: entries.reverse(), lambda entries: entries.sort(key=lambda e: e[3])])
def test_the_order_of_the_list_is_the_order_of_calling(opened, order):
    order(opened.receivers)
    assert [called for called, _ in opened.send("here")] == [
        entry[1]() if isinstance(entry[1], weakref.ref) else entry[1] for entry in opened.receivers
    ]


def test_reversing_the_list_reverses_the_calls(opened):
    opened.receivers.reverse()
    assert opened.send("here") == [(two, 2), (one, 1)]


@pytest.mark.parametrize("make", [copy.copy, copy.deepcopy, list, list.copy, lambda entries: entries[:]])
def test_a_copy_of_the_list_follows_nothing(opened, make):
    made = make(opened.receivers)
    assert len(made) == 2
    made.clear()
    assert opened.send("here") == [(one, 1), (two, 2)]
    opened.connect(three)
    assert made == []


def test_a_copy_can_be_assigned(opened):
    saved = copy.copy(opened.receivers)
    opened.receivers = []
    opened.receivers = saved
    assert opened.send("here") == [(one, 1), (two, 2)]


def test_saved_under_the_lock_emptied_and_filled_again_in_place(opened):
    with opened.lock:
        saved = opened.receivers[:]
        opened.receivers = []
        opened.sender_receivers_cache.clear()
    assert opened.send("here") == []
    with opened.lock:
        opened.receivers[:] = saved
        opened.sender_receivers_cache.clear()
    assert opened.send("here") == [(one, 1), (two, 2)]


def test_an_entry_whose_receiver_is_gone_may_be_assigned(opened):
    class Clerk:
        def hear(self, **named): ...

    clerk = Clerk()
    opened.connect(clerk.hear)
    saved = opened.receivers
    opened.receivers = []
    del clerk
    opened.receivers = saved
    assert opened.send("here") == [(one, 1), (two, 2)]


def test_live_receivers_gives_fresh_lists_of_callables(opened):
    async def hear(**named): ...

    opened.connect(hear)
    synchronous, asynchronous = opened._live_receivers("here")
    assert (synchronous, asynchronous) == ([one, two], [hear])
    synchronous.clear()
    asynchronous.clear()
    assert opened._live_receivers("here") == ([one, two], [hear])
    assert opened._live_receivers(None) == ([one], [hear])


def test_clear_dead_receivers_may_be_called_with_the_lock_held(opened):
    with opened.lock:
        opened._clear_dead_receivers()
        assert len(opened.receivers) == 2


def test_the_lock_keeps_other_threads_from_connecting(opened):
    connected = threading.Event()

    def connect():
        opened.connect(three)
        connected.set()

    thread = threading.Thread(target=connect)
    with opened.lock:
        thread.start()
        assert not connected.wait(0.05)
        assert len(opened.receivers) == 2
    thread.join(10)
    assert connected.is_set()
    assert opened.disconnect(three)


def test_the_cache_may_be_cleared_at_any_time(opened):
    for _ in range(2):
        opened.send("here")
        opened.sender_receivers_cache.clear()
    assert opened.send("here") == [(one, 1), (two, 2)]


def test_mock_may_patch_the_list_and_everything_is_there_again_afterwards():
    opened = Signal()
    opened.connect(one)
    with mock.patch.object(opened, "receivers", []):
        assert opened.send(None) == []
    assert opened.send(None) == [(one, 1)]
