"""Pausing, resuming and dropping a subscription."""

import pytest
from conformance.databases import COMMITTING
from conformance.desk import NAME, Desk, declare

from heliograph.delivery.operate.dropping import drop
from heliograph.delivery.operate.pausing import pause, resume
from heliograph.errors import SubscriptionInUseError, UnknownSubscriptionError
from heliograph.models import Delivery, Partition, Subscription, SubscriptionName, SubscriptionSignal

pytestmark = COMMITTING


@pytest.fixture
def alias(lasting_alias):
    return lasting_alias


@pytest.fixture
def desk(alias):
    return Desk(alias)


def is_paused(alias):
    return Subscription.objects.using(alias).get(name=NAME).paused


def test_pausing_lets_owners_go_and_tells_whether_it_was_paused_already(desk, alias):
    subscription = desk.subscribe(count=2)
    desk.subscribe("shop.receivers.mail")
    assert pause(alias, NAME) is True
    assert is_paused(alias)
    assert desk.epochs(subscription) == [1, 1]
    assert pause(alias, NAME) is False
    assert desk.epochs(subscription) == [1, 1]
    assert Partition.objects.using(alias).exclude(subscription=subscription).get().epoch == 0


def test_resuming_tells_whether_it_was_paused(desk, alias):
    desk.subscribe()
    assert resume(alias, NAME) is False
    pause(alias, NAME)
    assert resume(alias, NAME) is True
    assert not is_paused(alias)


def test_a_former_name_stands_for_the_subscription(desk, alias):
    desk.subscribe(aliases=["shop.old"])
    assert pause(alias, "shop.old")
    assert is_paused(alias)


@pytest.mark.parametrize("verb", [pause, resume, drop])
def test_an_unknown_name_is_answered_with_the_near_one(desk, alias, verb):
    desk.subscribe()
    with pytest.raises(UnknownSubscriptionError, match=f"Did you mean '{NAME}'"):
        verb(alias, NAME + "s")
    with pytest.raises(UnknownSubscriptionError, match="signals status"):
        verb(alias, "zzz")


def test_dropping_an_orphan_takes_all_of_it_along_and_nothing_else(desk, alias):
    subscription, kept = desk.subscribe("shop.gone", count=2, aliases=["shop.older"]), desk.subscribe()
    positions = desk.send("a", "b")
    for each in (subscription, kept):
        desk.deliver(each, positions[0], "dead", key="a")
    desk.deliver(subscription, positions[1], "running", key="b")
    dropped = drop(alias, "shop.older")
    assert (dropped.name, dropped.lag, dropped.lag_is_estimate, dropped.deliveries) == ("shop.gone", 2, False, 2)
    for model in (Delivery, Partition, SubscriptionSignal, SubscriptionName):
        assert model.objects.using(alias).get().subscription_id == kept.pk
    assert Subscription.objects.using(alias).get() == kept


def test_a_receiver_that_is_declared_is_not_dropped(desk, alias, monkeypatch):
    declare(monkeypatch, NAME)
    desk.subscribe()
    with pytest.raises(SubscriptionInUseError, match=r"shop/receivers\.py:7.*signals pause"):
        drop(alias, NAME)
    assert Partition.objects.using(alias).count() == 1


def test_nor_is_the_subscription_that_a_receiver_will_join_by_a_former_name(desk, alias, monkeypatch):
    declare(monkeypatch, "shop.new", aliases=["shop.old"])
    desk.subscribe("shop.old")
    with pytest.raises(SubscriptionInUseError):
        drop(alias, "shop.old")
    desk.subscribe("shop.new")
    assert drop(alias, "shop.old").name == "shop.old"
