"""Events of one key arrive in order, through failures, and hold up no other key."""

import pytest
from conformance.databases import COMMITTING
from conformance.deliveries import (
    AT_ONCE,
    MUCH_LATER,
    deliveries,
    make_due,
    notes_by_state,
    receiving,
    send,
    send_keyed,
    sent,
    work,
)
from conformance.visits import visit, visits
from django.db import transaction

from heliograph import Reject, RetryLater, RetryPolicy
from heliograph.delivery.operate.letters import reject, retry

pytestmark = COMMITTING

MODES = pytest.mark.parametrize(
    "mode", [{}, {"batch": 1}, {"batch": 4}, {"atomic": False}], ids=["shared", "one", "batch", "loose"]
)


class Failing:
    """A receiver that writes down its notes and fails at some of them, as long as they are among them."""

    def __init__(self, *notes, error=ValueError):
        self.notes = set(notes)
        self.error = error

    def __call__(self, note, using, **_):
        if note in self.notes:
            raise self.error("not now") if isinstance(self.error, type) else self.error
        visit(using, note)


@MODES
def test_later_events_of_a_troubled_key_wait_and_others_go_on(lasting_alias, mode):
    with receiving(Failing("a1"), retry=MUCH_LATER, **mode):
        send_keyed(lasting_alias, "a1", "b1", "a2", "b2")
        work(lasting_alias)
        send_keyed(lasting_alias, "a3", "b3")
        work(lasting_alias)
    assert visits(lasting_alias) == ["b1", "b2", "b3"]
    assert notes_by_state(lasting_alias) == {"retrying": ["a1"], "held": ["a2", "a3"]}
    assert {(attempts, errors) for attempts, errors in deliveries(lasting_alias, "attempts", "errors")} >= {(0, "[]")}


@MODES
def test_what_waited_goes_on_in_order_once_the_first_is_done(lasting_alias, mode):
    failing = Failing("a1")
    with receiving(failing, retry=MUCH_LATER, **mode):
        send_keyed(lasting_alias, "a1", "a2", "a3", "b1")
        work(lasting_alias)
        failing.notes.clear()
        make_due(lasting_alias)
        send_keyed(lasting_alias, "a4")
        work(lasting_alias)
    assert visits(lasting_alias) == ["b1", "a1", "a2", "a3", "a4"]
    assert deliveries(lasting_alias) == []


@MODES
def test_what_waited_goes_on_in_order_once_the_first_is_dead(lasting_alias, mode):
    with receiving(Failing("a1"), retry=AT_ONCE, **mode):
        send_keyed(lasting_alias, "a1", "a2", "a3", "b1")
        work(lasting_alias)
        send_keyed(lasting_alias, "a4")
        work(lasting_alias)
    done = visits(lasting_alias)
    assert [note for note in done if note[0] == "a"] == ["a2", "a3", "a4"]
    assert notes_by_state(lasting_alias) == {"dead": ["a1"]}


@pytest.mark.parametrize("first", [Reject("no"), ValueError("once")], ids=["rejected", "failed once"])
def test_one_that_is_dead_at_once_holds_nobody_up(lasting_alias, first):
    with receiving(Failing("a1", error=first), retry=RetryPolicy(max_attempts=1)):
        send_keyed(lasting_alias, "a1", "a2")
        work(lasting_alias)
    assert visits(lasting_alias) == ["a2"]
    assert notes_by_state(lasting_alias) == {"dead": ["a1"]}


def test_an_error_of_one_that_waited_holds_the_rest_again(lasting_alias):
    failing = Failing("a1", "a3")
    with receiving(failing, retry=MUCH_LATER):
        send_keyed(lasting_alias, "a1", "a2", "a3", "a4")
        work(lasting_alias)
        failing.notes.discard("a1")
        make_due(lasting_alias)
        work(lasting_alias)
        assert notes_by_state(lasting_alias) == {"retrying": ["a3"], "held": ["a4"]}
        failing.notes.clear()
        make_due(lasting_alias)
        work(lasting_alias)
    assert visits(lasting_alias) == ["a1", "a2", "a3", "a4"]
    assert deliveries(lasting_alias) == []


def test_one_that_is_asked_for_later_holds_its_key(lasting_alias):
    with receiving(Failing("a1", error=RetryLater(600))):
        send_keyed(lasting_alias, "a1", "a2", "b1")
        work(lasting_alias)
    assert visits(lasting_alias) == ["b1"]
    assert notes_by_state(lasting_alias) == {"retrying": ["a1"], "held": ["a2"]}


def test_many_keys_in_trouble_each_keep_their_order(lasting_alias):
    notes = [f"{key}{number}" for number in range(6) for key in "abcdef"]
    failing = Failing(*(f"{key}{place}" for place, key in enumerate("abcdef")))
    with receiving(failing, retry=MUCH_LATER, partitions=2):
        send_keyed(lasting_alias, *notes)
        work(lasting_alias)
        failing.notes.clear()
        make_due(lasting_alias)
        work(lasting_alias, threads=2)
    done = visits(lasting_alias)
    assert len(done) == len(notes)
    for key in "abcdef":
        assert [note for note in done if note[0] == key] == [f"{key}{number}" for number in range(6)]


@MODES
def test_with_strict_order_a_dead_one_holds_its_key(lasting_alias, mode):
    with receiving(Failing("a1"), retry=AT_ONCE, ordering="strict", **mode):
        send_keyed(lasting_alias, "a1", "a2", "b1")
        work(lasting_alias)
        send_keyed(lasting_alias, "a3", "b2")
        work(lasting_alias)
    assert visits(lasting_alias) == ["b1", "b2"]
    assert notes_by_state(lasting_alias) == {"dead": ["a1"], "held": ["a2", "a3"]}


@pytest.mark.parametrize("verb", ["retry", "reject"])
def test_with_strict_order_the_key_goes_on_once_somebody_has_resolved_it(lasting_alias, verb):
    failing = Failing("a1")
    with receiving(failing, retry=AT_ONCE, ordering="strict"):
        send_keyed(lasting_alias, "a1", "a2", "a3")
        work(lasting_alias)
        (dead,) = [each.pk for each in deliveries(lasting_alias) if each.state == "dead"]
        failing.notes.clear()
        retry(lasting_alias, ids=[dead]) if verb == "retry" else reject(lasting_alias, [dead])
        work(lasting_alias)
    assert visits(lasting_alias) == (["a1", "a2", "a3"] if verb == "retry" else ["a2", "a3"])
    assert deliveries(lasting_alias) == []


@MODES
def test_without_an_order_nothing_waits(lasting_alias, mode):
    with receiving(Failing("a1"), retry=MUCH_LATER, ordering="none", **mode):
        send_keyed(lasting_alias, "a1", "a2", "b1", "a3")
        work(lasting_alias)
    assert visits(lasting_alias) == ["a2", "b1", "a3"]
    assert notes_by_state(lasting_alias) == {"retrying": ["a1"]}


@pytest.mark.parametrize("ordering", ["key", "strict"])
def test_events_without_a_key_wait_for_none(lasting_alias, ordering):
    with receiving(Failing("1", "3"), retry=MUCH_LATER, ordering=ordering):
        send(lasting_alias, "1", "2", "3", "4")
        work(lasting_alias)
    assert visits(lasting_alias) == ["2", "4"]
    assert notes_by_state(lasting_alias) == {"retrying": ["1", "3"]}


def test_an_empty_key_is_a_key(lasting_alias):
    with receiving(Failing("1"), retry=MUCH_LATER):
        send(lasting_alias, "1", "2", key="")
        work(lasting_alias)
    assert notes_by_state(lasting_alias) == {"retrying": ["1"], "held": ["2"]}


def test_a_key_in_trouble_for_one_receiver_is_in_none_for_another(lasting_alias):
    with receiving(Failing("a1"), retry=MUCH_LATER), receiving(name="gallery.porter") as porter:
        send_keyed(lasting_alias, "a1", "a2")
        work(lasting_alias)
    assert porter.notes == ["a1", "a2"]
    assert notes_by_state(lasting_alias) == {"retrying": ["a1"], "held": ["a2"]}


def test_many_held_events_go_on_in_order(lasting_alias):
    failing = Failing("a0")
    notes = [f"a{number}" for number in range(40)]
    with receiving(failing, retry=MUCH_LATER):
        with transaction.atomic(using=lasting_alias):
            for note in notes:
                sent.send(None, note=note, key="a", using=lasting_alias)
        work(lasting_alias)
        assert len(deliveries(lasting_alias)) == 40
        failing.notes.clear()
        make_due(lasting_alias)
        work(lasting_alias)
    assert visits(lasting_alias) == notes
