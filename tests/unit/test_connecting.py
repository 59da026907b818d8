"""Connecting and disconnecting, as Django's dispatcher does it."""

import pytest

from heliograph import Signal, receiver


def first(**named):
    return "first"


def second(**named):
    return "second"


def test_a_receiver_gets_the_signal_the_sender_and_what_is_sent(either_signal, sending):
    heard = []

    def hear(**named):
        heard.append(named)

    either_signal.connect(hear)
    getattr(either_signal, sending)("sender", order=7)
    assert heard == [{"signal": either_signal, "sender": "sender", "order": 7}]


def test_sending_answers_with_pairs_of_receiver_and_response_in_the_order_of_connecting(either_signal, sending):
    either_signal.connect(second)
    either_signal.connect(first)
    assert getattr(either_signal, sending)(None) == [(second, "second"), (first, "first")]


def test_sending_to_nobody_answers_with_a_list_of_its_own(either_signal, sending):
    answer = getattr(either_signal, sending)(None)
    answer.append("mine")
    assert getattr(either_signal, sending)(None) == []


def test_the_sender_may_be_given_by_name(either_signal, sending):
    either_signal.connect(first, sender="here")
    assert getattr(either_signal, sending)(sender="here") == [(first, "first")]


@pytest.mark.parametrize("word", ["index", "named", "caught", "plan", "wait", "receiver", "weak", "args", "kwargs"])
def test_any_other_word_may_be_sent(either_signal, sending, word):
    def hear(**named):
        return named[word]

    either_signal.connect(hear)
    assert getattr(either_signal, sending)(None, **{word: 1}) == [(hear, 1)]


def test_signal_may_not_be_sent_because_every_receiver_gets_it(either_signal):
    either_signal.connect(first)
    with pytest.raises(TypeError, match="signal"):
        either_signal.send(None, signal=1)


def test_what_a_receiver_does_to_its_arguments_stays_its_own(either_signal, sending):
    def greedy(**named):
        named.clear()

    def hear(**named):
        return named["order"]

    either_signal.connect(greedy)
    either_signal.connect(hear)
    assert getattr(either_signal, sending)(None, order=7) == [(greedy, None), (hear, 7)]


def test_connecting_twice_is_connecting_once(either_signal):
    either_signal.connect(first)
    either_signal.connect(first)
    assert either_signal.send(None) == [(first, "first")]


def test_connect_answers_nothing_and_disconnect_whether_there_was_a_connection(either_signal):
    assert either_signal.connect(first) is None
    assert either_signal.disconnect(first) is True
    assert either_signal.disconnect(first) is False
    assert either_signal.disconnect() is False
    assert either_signal.send(None) == []


def test_a_receiver_connected_again_comes_last(either_signal):
    either_signal.connect(first)
    either_signal.connect(second)
    either_signal.disconnect(first)
    either_signal.connect(first)
    assert either_signal.send(None) == [(second, "second"), (first, "first")]


def test_arguments_may_be_given_by_position_as_django_takes_them(either_signal):
    either_signal.connect(first, "here", False, "uid")
    assert either_signal.send("here") == [(first, "first")]
    assert either_signal.disconnect(None, "here", "uid") is True


def test_two_bound_methods_of_one_object_are_one_receiver(either_signal):
    class Clerk:
        def hear(self, **named):
            return self

    clerk = Clerk()
    either_signal.connect(clerk.hear)
    either_signal.connect(clerk.hear)
    assert either_signal.send(None) == [(clerk.hear, clerk)]
    assert either_signal.disconnect(clerk.hear) is True


def test_the_same_method_of_two_objects_is_two_receivers(either_signal):
    class Clerk:
        def hear(self, **named):
            return self

    one, other = Clerk(), Clerk()
    either_signal.connect(one.hear)
    either_signal.connect(other.hear)
    assert either_signal.disconnect(one.hear) is True
    assert either_signal.send(None) == [(other.hear, other)]


def test_under_a_dispatch_uid_one_receiver_is_connected_and_found(either_signal):
    either_signal.connect(first, dispatch_uid="once")
    either_signal.connect(first, dispatch_uid="once")
    assert either_signal.send(None) == [(first, "first")]
    assert either_signal.disconnect(first) is False
    assert either_signal.disconnect(dispatch_uid="once") is True
    assert either_signal.send(None) == []


@pytest.mark.parametrize("uid", ["", 0, ()])
def test_an_empty_dispatch_uid_is_none(either_signal, uid):
    either_signal.connect(first, dispatch_uid=uid)
    either_signal.connect(second, dispatch_uid=uid)
    assert either_signal.send(None) == [(first, "first"), (second, "second")]
    assert either_signal.disconnect(first, dispatch_uid=uid) is True


def test_a_dispatch_uid_stands_for_each_sender_apart(either_signal):
    either_signal.connect(first, sender="here", dispatch_uid="once")
    either_signal.connect(second, sender="there", dispatch_uid="once")
    assert either_signal.send("here") == [(first, "first")]
    assert either_signal.send("there") == [(second, "second")]


def test_equal_dispatch_uids_are_one(either_signal):
    either_signal.connect(first, dispatch_uid=("app", 1))
    assert either_signal.disconnect(dispatch_uid=("app", 1.0)) is True


def test_one_receiver_under_two_dispatch_uids_is_called_twice(either_signal):
    either_signal.connect(first, dispatch_uid="one")
    either_signal.connect(first, dispatch_uid="two")
    assert either_signal.send(None) == [(first, "first")] * 2


def test_has_listeners_tells_for_each_sender(either_signal):
    assert either_signal.has_listeners() is False
    either_signal.connect(first, sender="here")
    assert either_signal.has_listeners() is False
    assert either_signal.has_listeners("here") is True
    assert either_signal.has_listeners("there") is False
    either_signal.connect(second)
    assert either_signal.has_listeners("there") is True


def test_the_decorator_connects_and_leaves_the_function_as_it_is(either_signal):
    def hear(**named):
        return "heard"

    assert receiver(either_signal)(hear) is hear
    assert either_signal.send(None) == [(hear, "heard")]
    assert either_signal.disconnect(hear) is True


@pytest.mark.parametrize("kind", [list, tuple])
def test_the_decorator_takes_several_signals_and_a_sender(kind):
    opened, closed = Signal(), Signal()

    @receiver(kind([opened, closed]), sender="here")
    def hear(**named):
        return "heard"

    assert opened.send("here") == closed.send("here") == [(hear, "heard")]
    assert opened.send("there") == closed.send("there") == []


def test_the_decorator_passes_the_options_that_are_not_its_own_to_connect_unchanged():
    given = []

    class Door:
        def connect(self, receiver, **options):
            given.append(options)

    @receiver(Door(), sender="here", weak=False, dispatch_uid="uid", apps="registry", colour="red")
    def hear(**named): ...

    assert given == [{"sender": "here", "weak": False, "dispatch_uid": "uid", "apps": "registry", "colour": "red"}]


def test_an_option_that_connect_does_not_know_is_its_error(either_signal):
    with pytest.raises(TypeError, match="apps"):
        receiver(either_signal, apps=None)(first)


def test_connecting_to_what_is_no_signal_says_what_it_is():
    with pytest.raises(TypeError, match="42"):
        receiver(42)
