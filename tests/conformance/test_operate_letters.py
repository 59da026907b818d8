"""Dead letters: what is told of them, trying them again, letting them go."""

import json

import pytest
from conformance.databases import COMMITTING
from conformance.desk import NAME, Desk, declare

from heliograph.delivery.decisions.states import STORED, Happening, State, states_from
from heliograph.delivery.operate.letters import dead, known, reject, retry
from heliograph.delivery.operate.moving import apply
from heliograph.delivery.operate.queues import Standing
from heliograph.errors import UnknownSubscriptionError
from heliograph.models import Delivery

pytestmark = COMMITTING

ERROR = {"type": "ValueError", "message": "no", "traceback": "", "at": "2026-01-01T00:00:00.000+00:00", "worker": "a:1"}


@pytest.fixture
def desk(lasting_alias):
    return Desk(lasting_alias)


@pytest.fixture
def alias(lasting_alias):
    return lasting_alias


def row(desk, delivery):
    return Delivery.objects.using(desk.alias).get(pk=delivery.pk)


def test_a_dead_letter_tells_its_receiver_event_signal_key_and_errors(desk, alias):
    subscription = desk.subscribe()
    (position,) = desk.send("order 1")
    delivery = desk.deliver(
        subscription, position, "dead", key="order 1", attempts=12, kills=1, errors=json.dumps([ERROR])
    )
    desk.deliver(subscription, *desk.send("order 2"), "retrying", key="order 2")
    (letter,) = dead(alias)
    (entry,) = desk.log.entries({delivery.event_id: position})
    assert (letter.id, letter.receiver, letter.event_id) == (delivery.pk, NAME, entry.uuid)
    assert (letter.signal, letter.key, letter.attempts, letter.kills) == ("shop.sent", "order 1", 12, 1)
    assert letter.errors == [ERROR]


def test_a_dead_letter_has_a_fresh_round_of_attempts_and_keeps_its_errors(desk, alias):
    subscription = desk.subscribe(position=99)
    (position,) = desk.send("a")
    delivery = desk.deliver(subscription, position, "dead", key="a", attempts=12, kills=3, errors=json.dumps([ERROR]))
    result = retry(alias, ids=[delivery.pk])
    assert (result.due, result.held, result.left) == (1, 0, {})
    assert desk.due(subscription) == [position]
    after = row(desk, delivery)
    assert (after.attempts, after.kills, json.loads(after.errors)) == (0, 0, [ERROR])
    assert desk.epochs(subscription) == [1]


def test_one_that_waits_for_its_time_is_due_and_keeps_its_attempts(desk, alias):
    subscription = desk.subscribe()
    (position,) = desk.send("a")
    delivery = desk.deliver(subscription, position, "retrying", key="a", attempts=5, kills=2)
    assert desk.due(subscription) == []
    assert retry(alias, ids=[delivery.pk]).due == 1
    assert desk.due(subscription) == [position]
    assert (row(desk, delivery).attempts, row(desk, delivery).kills) == (5, 2)


@pytest.mark.parametrize("state", ["running", "held"])
def test_one_that_is_running_or_held_is_left_and_its_state_is_told(desk, alias, state):
    subscription = desk.subscribe()
    (position,) = desk.send("a")
    delivery = desk.deliver(subscription, position, state, key="a")
    result = retry(alias, ids=[delivery.pk, delivery.pk + 1])
    assert (result.due, result.held) == (0, 0)
    assert result.left == {delivery.pk: state, delivery.pk + 1: "done"}
    assert desk.epochs(subscription) == [0]


def test_a_dead_letter_waits_behind_an_earlier_open_one_of_its_key(desk, alias):
    subscription = desk.subscribe()
    first, second, other = desk.send("a", "a", "b")
    desk.deliver(subscription, first, "retrying", key="a")
    letters = [desk.deliver(subscription, at, "dead", key=key) for at, key in ((second, "a"), (other, "b"))]
    result = retry(alias, ids=[each.pk for each in letters])
    assert (result.due, result.held) == (1, 1)
    assert desk.states(subscription) == {first: "retrying", second: "held", other: "retrying"}
    assert desk.due(subscription) == [other]


def test_later_ones_of_its_key_wait_for_a_dead_letter_that_is_tried_again(desk, alias):
    subscription = desk.subscribe()
    first, second, third, fourth = desk.send(*"aaaa")
    letter = desk.deliver(subscription, first, "dead", key="a")
    running = desk.deliver(subscription, second, "running", key="a", attempts=4)
    desk.deliver(subscription, third, "held", key="a")
    desk.deliver(subscription, fourth, "dead", key="a")
    retry(alias, ids=[letter.pk])
    assert desk.states(subscription) == {first: "retrying", second: "held", third: "held", fourth: "dead"}
    assert row(desk, running).attempts == 3


def test_all_dead_letters_of_a_receiver_or_of_all_are_tried_in_order(desk, alias):
    subscription, another = desk.subscribe(), desk.subscribe("shop.receivers.mail")
    positions = desk.send("a", "a", None, None)
    for at, key in zip(positions, ["a", "a", None, None], strict=True):
        desk.deliver(subscription, at, "dead", key=key)
    desk.deliver(another, positions[0], "dead", key="a")
    result = retry(alias, receiver=NAME)
    assert (result.due, result.held) == (3, 1)
    assert list(desk.states(subscription).values()) == ["retrying", "held", "retrying", "retrying"]
    assert list(desk.states(another).values()) == ["dead"]
    assert retry(alias).due == 3 + 1


def test_more_than_a_portion_is_tried_again(desk, alias, monkeypatch):
    monkeypatch.setattr("heliograph.delivery.operate.moving.CHUNK", 3)
    subscription = desk.subscribe()
    for at in desk.send(*["a"] * 4, *["b"] * 4):
        desk.deliver(subscription, at, "dead", key="a" if at % 2 else "b")
    result = retry(alias)
    assert (result.due, result.held) == (2, 6)


def test_with_no_ordering_nobody_waits(desk, alias, monkeypatch):
    declare(monkeypatch, NAME, ordering="none")
    subscription = desk.subscribe()
    for at in desk.send("a", "a"):
        desk.deliver(subscription, at, "dead", key="a", ordering="none")
    assert retry(alias, receiver=NAME).due == 2


def test_with_strict_ordering_a_dead_letter_goes_on_holding_its_key(desk, alias, monkeypatch):
    declare(monkeypatch, NAME, ordering="strict")
    subscription = desk.subscribe()
    first, second, third = desk.send("a", "a", "a")
    desk.deliver(subscription, first, "dead", key="a")
    letter = desk.deliver(subscription, second, "dead", key="a")
    desk.deliver(subscription, third, "held", key="a")
    assert retry(alias, ids=[letter.pk]).held == 1
    assert desk.states(subscription) == {first: "dead", second: "held", third: "held"}


def test_only_the_partition_of_the_event_gets_the_next_epoch(desk, alias):
    subscription = desk.subscribe(count=3)
    (position,) = desk.send("a")
    delivery = desk.deliver(subscription, position, "dead", key="a")
    retry(alias, ids=[delivery.pk])
    assert desk.epochs(subscription) == [int(number == delivery.spread % 3) for number in range(3)]


def test_a_dry_run_counts_and_changes_nothing(desk, alias):
    subscription = desk.subscribe()
    for at in desk.send("a", "b"):
        desk.deliver(subscription, at, "dead", key="a")
    assert retry(alias, dry_run=True).due == 2
    assert set(desk.states(subscription).values()) == {"dead"}
    assert desk.epochs(subscription) == [0]


def test_an_unknown_receiver_is_answered_with_the_near_one(alias, desk):
    desk.subscribe()
    with pytest.raises(UnknownSubscriptionError, match=f"Did you mean '{NAME}'"):
        retry(alias, receiver="shop.receivers.bok")
    with pytest.raises(UnknownSubscriptionError, match=f"Did you mean '{NAME}'"):
        retry(alias, receiver="bok")


@pytest.mark.parametrize("state", ["dead", "retrying", "held", "running"])
def test_one_that_is_rejected_is_gone(desk, alias, state):
    subscription = desk.subscribe()
    (position,) = desk.send("a")
    delivery = desk.deliver(subscription, position, state, key="a")
    assert known(alias, [delivery.pk, delivery.pk + 1]) == {delivery.pk}
    assert reject(alias, [delivery.pk]).count == 1
    assert desk.states(subscription) == {}
    assert desk.epochs(subscription) == [1]
    assert reject(alias, [delivery.pk]).count == 0
    assert desk.epochs(subscription) == [1]


def test_the_next_of_its_key_goes_on(desk, alias):
    subscription = desk.subscribe()
    positions = desk.send(*"aaab")
    first, *_ = [
        desk.deliver(subscription, at, state, key=key)
        for at, state, key in zip(positions, ["retrying", "held", "held", "held"], "aaab", strict=True)
    ]
    result = reject(alias, [first.pk])
    assert (result.count, result.released) == (1, 1)
    assert desk.due(subscription) == [positions[1]]
    assert list(desk.states(subscription).values()) == ["retrying", "held", "held"]


def test_nobody_goes_on_when_one_that_waits_is_rejected(desk, alias):
    subscription = desk.subscribe()
    positions = desk.send(*"aaa")
    _, second, _ = [
        desk.deliver(subscription, at, state, key="a")
        for at, state in zip(positions, ["running", "held", "held"], strict=True)
    ]
    assert reject(alias, [second.pk]).released == 0
    assert list(desk.states(subscription).values()) == ["running", "held"]


def test_rejecting_what_holds_its_key_under_strict_ordering_lets_the_next_go_on(desk, alias, monkeypatch):
    declare(monkeypatch, NAME, ordering="strict")
    subscription = desk.subscribe()
    first, second, third = desk.send(*"aaa")
    letters = [desk.deliver(subscription, at, "dead", key="a") for at in (first, second)]
    desk.deliver(subscription, third, "held", key="a")
    assert reject(alias, [letters[0].pk]).released == 0
    assert reject(alias, [letters[1].pk]).released == 1
    assert desk.due(subscription) == [third]


@pytest.mark.parametrize("state", STORED)
@pytest.mark.parametrize(
    "happening", [Happening.RETRIED, Happening.RETRIED_BEHIND, Happening.RELEASED, Happening.KEY_TROUBLED]
)
def test_nothing_is_moved_from_a_state_in_which_it_cannot_happen(desk, alias, state, happening):
    subscription = desk.subscribe()
    (position,) = desk.send("a")
    delivery = desk.deliver(subscription, position, state.value, key="a")
    moved = apply(alias, [(Standing(position, delivery.pk, State.DEAD), happening)])
    assert moved[happening] == int(state in states_from(happening))
    if not moved[happening]:
        assert desk.states(subscription) == {position: state}
