"""Delivering events again: which, in what order, and what is left alone."""

from datetime import UTC, datetime, timedelta

import pytest
from conformance.databases import COMMITTING
from conformance.desk import NAME, Desk, declare

from heliograph.delivery.operate.replaying import Chosen, replay
from heliograph.events.keys import key_hash
from heliograph.models import Delivery

pytestmark = COMMITTING

ALL = Chosen()


@pytest.fixture
def alias(lasting_alias):
    return lasting_alias


@pytest.fixture
def desk(alias):
    return Desk(alias)


def counts(replayed):
    return replayed.due, replayed.held, replayed.left


def test_the_first_of_each_key_is_due_and_the_rest_are_held(desk, alias):
    subscription = desk.subscribe()
    positions = desk.send("a", "b", "a", None, "a", None)
    desk.pass_all(subscription)
    assert counts(replay(alias, NAME, ALL)) == (4, 2, 0)
    assert list(desk.states(subscription)) == positions
    assert desk.due(subscription) == [positions[place] for place in (0, 1, 3, 5)]
    assert desk.epochs(subscription) == [1]
    written = Delivery.objects.using(alias).get(position=positions[2])
    assert (written.event_id, written.key, written.spread) == (*desk.numbers(positions[2]), "a", key_hash("a"))
    assert (written.attempts, written.kills, written.errors) == (0, 0, "[]")
    assert Delivery.objects.using(alias).get(position=positions[3]).spread == positions[3]


def test_without_ordering_all_are_due(desk, alias, monkeypatch):
    declare(monkeypatch, NAME, ordering="none")
    subscription = desk.subscribe()
    positions = desk.send("a", "a")
    desk.pass_all(subscription)
    assert counts(replay(alias, NAME, ALL)) == (2, 0, 0)
    assert list(Delivery.objects.using(alias).values_list("spread", flat=True).order_by("id")) == positions


def test_only_what_the_subscription_hears_and_has_passed_is_delivered_again(desk, alias):
    first, _ = desk.send("a", "b")
    desk.send("a", signal="shop.other")
    subscription = desk.subscribe(position=first)
    assert counts(replay(alias, NAME, ALL)) == (1, 0, 0)
    assert list(desk.states(subscription)) == [first]


def test_each_partition_has_passed_its_own_events(desk, alias):
    subscription = desk.subscribe(count=2)
    positions = desk.send("a", "b", "c", "d", "e", "f", None, None)
    keys = ["a", "b", "c", "d", "e", "f", None, None]
    desk.partitions(subscription).filter(number=1).update(position=positions[-1])
    replay(alias, NAME, ALL)
    expected = [at for at, key in zip(positions, keys, strict=True) if (at if key is None else key_hash(key)) % 2 == 1]
    assert 0 < len(expected) < len(positions)
    assert list(desk.states(subscription)) == expected
    assert desk.epochs(subscription) == [0, 1]


def test_while_the_count_changes_the_old_partitions_tell_what_has_been_passed(desk, alias):
    subscription = desk.subscribe(count=1)
    first, second, third = desk.send("a", "a", "a")
    desk.partitions(subscription).update(position=first, until=third)
    for number in range(2):
        desk.partition(subscription, number, 2, third)
    assert counts(replay(alias, NAME, ALL)) == (1, 0, 0)
    assert list(desk.states(subscription)) == [first]
    assert second not in desk.states(subscription)


def test_since_position_and_key_choose_together(desk, alias):
    subscription = desk.subscribe()
    positions = desk.send("a", "b", "a", "a", "b", "a")
    desk.pass_all(subscription)
    desk.age(*positions[:3], seconds=3600)
    since = datetime.now(UTC) - timedelta(minutes=30)
    for chosen, places in (
        (Chosen(since=since), [3, 4, 5]),
        (Chosen(from_position=positions[4]), [4, 5]),
        (Chosen(key="a"), [0, 2, 3, 5]),
        (Chosen(since=since, key="a", from_position=positions[4]), [5]),
        (Chosen(key="c"), []),
    ):
        replay(alias, NAME, chosen)
        assert list(desk.states(subscription)) == [positions[place] for place in places]
        Delivery.objects.using(alias).all().delete()


def test_what_is_on_its_way_is_left_and_dead_letters_are_delivered_again(desk, alias):
    subscription = desk.subscribe()
    first, second, third, fourth = desk.send("a", "a", "b", "c")
    desk.pass_all(subscription)
    desk.deliver(subscription, second, "retrying", key="a")
    letter = desk.deliver(subscription, third, "dead", key="b", attempts=12, kills=3, errors='["kept"]')
    desk.deliver(subscription, fourth, "running", key="c")
    assert counts(replay(alias, NAME, ALL)) == (2, 0, 2)
    assert desk.states(subscription) == {first: "retrying", second: "held", third: "retrying", fourth: "running"}
    assert desk.due(subscription) == [first, third]
    letter.refresh_from_db(using=alias)
    assert (letter.attempts, letter.kills, letter.errors) == (0, 0, '["kept"]')
    assert counts(replay(alias, NAME, ALL)) == (0, 0, 4)


def test_more_than_a_portion_is_delivered_in_order(desk, alias, monkeypatch):
    monkeypatch.setattr("heliograph.delivery.operate.replaying.CHUNK", 3)
    subscription = desk.subscribe()
    positions = desk.send(*["a", "b"] * 4)
    desk.pass_all(subscription)
    assert counts(replay(alias, NAME, ALL)) == (2, 6, 0)
    assert list(desk.states(subscription)) == positions
    assert desk.due(subscription) == positions[:2]
    assert desk.epochs(subscription) == [3]


def test_what_is_delivered_while_a_replay_goes_on_is_not_delivered_again(desk, alias, monkeypatch):
    monkeypatch.setattr("heliograph.delivery.operate.replaying.CHUNK", 2)
    subscription = desk.subscribe()
    positions = desk.send("a", "b", "c", "d")
    desk.partitions(subscription).update(position=positions[2])
    from heliograph.delivery.operate import replaying

    deliver = replaying._deliver

    def deliver_while_the_owner_goes_on(*given):
        desk.pass_all(subscription)
        return deliver(*given)

    monkeypatch.setattr(replaying, "_deliver", deliver_while_the_owner_goes_on)
    assert counts(replay(alias, NAME, ALL)) == (3, 0, 0)
    assert list(desk.states(subscription)) == positions[:3]


def test_a_dry_run_counts_and_changes_nothing(desk, alias):
    subscription = desk.subscribe()
    positions = desk.send("a", "a", "b")
    desk.pass_all(subscription)
    desk.deliver(subscription, positions[2], "retrying", key="b")
    assert counts(replay(alias, NAME, ALL, dry_run=True)) == (2, 0, 1)
    assert list(desk.states(subscription)) == [positions[2]]
    assert desk.epochs(subscription) == [0]
