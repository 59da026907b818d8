"""What is told of durable receivers, workers and events."""

import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta

import pytest
from conformance.databases import COMMITTING
from conformance.desk import NAME, Desk, declare
from conformance.logs import sessions
from django.db import connections, transaction

from heliograph.delivery.operate.databases import database, databases
from heliograph.delivery.operate.events import events, recorded_in
from heliograph.delivery.operate.status import status
from heliograph.delivery.session.machine import host
from heliograph.errors import NoEventLogError, UnknownSignalError
from heliograph.models import Worker

pytestmark = COMMITTING


@pytest.fixture
def alias(lasting_alias):
    return lasting_alias


@pytest.fixture
def desk(alias):
    return Desk(alias)


def only(alias):
    (found,) = status(alias).subscriptions
    return found


def test_nothing_is_told_of_an_empty_database(desk, alias):
    found = status(alias)
    assert (found.subscriptions, found.workers, found.problems()) == ([], [], [])


def test_a_subscription_that_is_up_to_date(desk, alias, monkeypatch):
    declare(monkeypatch, NAME)
    subscription = desk.subscribe()
    (position,) = desk.send("a")
    desk.pass_all(subscription)
    worker = desk.worker()
    desk.partitions(subscription).update(worker=worker)
    found = only(alias)
    assert (found.name, found.state, found.lag, found.lag_is_estimate) == (NAME, "active", 0, False)
    assert (found.oldest_seconds, found.retrying, found.held, found.dead) == (None, 0, 0, 0)
    (partition,) = found.partitions
    assert (partition.number, partition.count, partition.position, partition.owner) == (0, 1, position, "web-1:4711")
    assert status(alias).problems() == []


def test_lag_counts_the_events_of_its_signals_behind_its_position(desk, alias):
    subscription = desk.subscribe(signals=("shop.sent", "shop.paid"))
    first, *_ = desk.send("a", "b", "c")
    desk.send("a", signal="shop.paid")
    desk.send("a", signal="shop.other")
    desk.partitions(subscription).update(position=first)
    assert only(alias).lag == 3


def test_each_partition_counts_its_own_share(desk, alias):
    subscription = desk.subscribe(count=3)
    positions = desk.send(*"abcdefgh", None, None)
    assert only(alias).lag == 10
    desk.partitions(subscription).filter(number=0).update(position=positions[-1])
    assert 0 < only(alias).lag < 10


def test_while_the_count_changes_each_event_counts_once(desk, alias):
    subscription = desk.subscribe()
    positions = desk.send(*"abcdef")
    desk.partitions(subscription).update(position=positions[1], until=positions[3])
    for number in range(2):
        desk.partition(subscription, number, 2, positions[3])
    assert only(alias).lag == 4


def test_beyond_a_number_lag_is_an_estimate(desk, alias, monkeypatch):
    desk.subscribe()
    desk.send(*"abcde")
    for counted, lag in ((5, (5, False)), (4, (4, True))):
        monkeypatch.setattr("heliograph.delivery.operate.status.COUNTED", counted)
        assert (only(alias).lag, only(alias).lag_is_estimate) == lag


def test_what_no_step_has_positioned_yet_counts_too(desk, alias):
    desk.subscribe()
    with sessions(alias) as session:
        session().append(1, signal=desk.log.signals(["shop.sent"])["shop.sent"])
    assert only(alias).lag == 1
    assert [each.signal for each in events(alias)] == ["shop.sent"]


def test_inside_a_transaction_it_takes_no_step(desk, alias):
    desk.subscribe()
    desk.send("a")
    with transaction.atomic(using=alias):
        assert only(alias).lag == 1


def test_the_oldest_event_that_is_not_passed_or_has_an_open_delivery(desk, alias):
    subscription = desk.subscribe()
    positions = desk.send("a", "b", "c")
    for position, seconds in zip(positions, (500, 300, 100), strict=True):
        desk.age(position, seconds=seconds)
    desk.partitions(subscription).update(position=positions[1])
    assert 100 <= only(alias).oldest_seconds < 130
    desk.deliver(subscription, positions[1], "held", key="b")
    assert 300 <= only(alias).oldest_seconds < 330
    desk.deliver(subscription, positions[0], "dead", key="a")
    assert 500 <= only(alias).oldest_seconds < 530


def test_open_deliveries_are_counted_by_state(desk, alias):
    subscription = desk.subscribe()
    states = ["retrying", "running", "held", "held", "held", "dead"]
    for position, state in zip(desk.send(*"abcdef"), states, strict=True):
        desk.deliver(subscription, position, state, key=None)
    found = only(alias)
    assert (found.retrying, found.held, found.dead) == (2, 3, 1)


def test_states_and_what_is_a_problem(desk, alias, monkeypatch):
    declare(monkeypatch, NAME, "shop.new", aliases=["shop.old"])
    subscription = desk.subscribe()
    desk.subscribe("shop.gone")
    desk.subscribe("shop.old")
    assert {each.name: each.state for each in status(alias).subscriptions} == {
        NAME: "active",
        "shop.gone": "orphaned",
        "shop.old": "active",
    }
    assert ["shop.gone is orphaned" in problem for problem in status(alias).problems()] == [True]
    subscription.paused = True
    subscription.save(using=alias)
    assert status(alias).subscriptions[2].state == "paused"


def test_a_former_name_that_is_a_subscription_of_its_own_is_orphaned(desk, alias, monkeypatch):
    declare(monkeypatch, "shop.new", aliases=["shop.old"])
    desk.subscribe("shop.old")
    desk.subscribe("shop.new")
    assert [each.state for each in status(alias).subscriptions] == ["active", "orphaned"]


def test_a_dead_letter_is_a_problem(desk, alias, monkeypatch):
    declare(monkeypatch, NAME)
    subscription = desk.subscribe()
    (position,) = desk.send("a")
    desk.pass_all(subscription)
    desk.deliver(subscription, position, "dead", key="a")
    (problem,) = status(alias).problems()
    assert f"{NAME} has 1 dead letter." in problem


@pytest.mark.parametrize("owed", ["event", "delivery"])
def test_what_waits_without_a_living_worker_is_a_problem(desk, alias, monkeypatch, owed):
    declare(monkeypatch, NAME)
    subscription = desk.subscribe()
    (position,) = desk.send("a")
    if owed == "delivery":
        desk.pass_all(subscription)
        desk.deliver(subscription, position, "retrying", key="a")
    assert ["No worker" in problem for problem in status(alias).problems()] == [True]
    desk.worker(silent_seconds=60)
    assert len(status(alias).problems()) == 1
    desk.worker()
    assert status(alias).problems() == []


def test_a_paused_one_needs_no_worker(desk, alias, monkeypatch):
    declare(monkeypatch, NAME)
    subscription = desk.subscribe()
    desk.send("a")
    subscription.paused = True
    subscription.save(using=alias)
    assert status(alias).problems() == []


def test_workers_tell_their_state_last_sign_and_partitions(desk, alias, settings):
    settings.HELIOGRAPH = {"LEASE_SECONDS": 15}
    alive, _, stopping = desk.worker(), desk.worker(silent_seconds=60), desk.worker(state="stopping")
    subscription = desk.subscribe(count=2)
    desk.partitions(subscription).update(worker=alive)
    found = status(alias).workers
    assert [(each.host, each.pid, each.state, each.partitions) for each in found] == [
        ("web-1", 4711, "running", 2),
        ("web-1", 4711, "gone", 0),
        ("web-1", 4711, "stopping", 0),
    ]
    assert [0 <= found[0].seconds_since_heartbeat < 30, 60 <= found[1].seconds_since_heartbeat < 90] == [True, True]
    assert stopping.pk


def test_a_worker_whose_process_on_this_machine_is_no_more_is_gone_at_once(desk, alias):
    child = subprocess.Popen([sys.executable, "-c", ""])
    child.wait()
    for pid in (os.getpid(), child.pid):
        Worker.objects.using(alias).filter(pk=desk.worker().pk).update(host=host(), pid=pid)
    assert [each.state for each in status(alias).workers] == ["running", "gone"]


def test_the_newest_events_come_first(desk, alias):
    desk.send("a", None, "b")
    desk.send("a", signal="shop.paid")
    found = events(alias)
    assert [(each.signal, each.key, each.payload) for each in found] == [
        ("shop.paid", "a", "0"),
        ("shop.sent", "b", "2"),
        ("shop.sent", None, "1"),
        ("shop.sent", "a", "0"),
    ]
    assert found[0].position > found[1].position
    assert abs(datetime.now(UTC) - found[0].sent_at) < timedelta(minutes=1)
    (entry,) = desk.log.entries(dict.fromkeys(desk.numbers(found[0].position), found[0].position))
    assert (found[0].id, found[0].sent_at) == (entry.uuid, entry.sent_at)


def test_events_by_signal_key_time_and_number(desk, alias):
    positions = desk.send("a", "b", "a", "b")
    paid = desk.send("a", signal="shop.paid")
    desk.age(*positions[:2], seconds=3600)

    def places(**chosen):
        return [each.position for each in events(alias, **chosen)]

    assert places(signal="shop.paid") == places(signal="paid") == paid
    assert places(key="a") == [*paid, positions[2], positions[0]]
    assert places(since=datetime.now(UTC) - timedelta(minutes=30)) == [*paid, positions[3], positions[2]]
    assert places(limit=2) == [*paid, positions[3]]
    assert places(signal="shop.sent", key="b", limit=1) == [positions[3]]
    assert places(key="c") == []


def test_an_unknown_signal_is_answered_with_the_near_one(desk, alias):
    desk.send("a")
    desk.send("a", signal="store.sent")
    with pytest.raises(UnknownSignalError, match=r"Did you mean 'shop\.sent'"):
        events(alias, signal="shop.snt")
    with pytest.raises(UnknownSignalError, match=r"shop\.sent or store\.sent"):
        recorded_in([alias], "sent")
    assert recorded_in([alias, "default"], "shop.sent") == [alias]


def test_a_database_has_a_log_or_it_is_told_why_not(alias, settings):
    assert alias in databases()
    assert database(alias) == alias
    with pytest.raises(NoEventLogError, match="'nowhere' is not in DATABASES"):
        database("nowhere")
    settings.DATABASE_ROUTERS = [NotHere()]
    with pytest.raises(NoEventLogError, match="a router in DATABASE_ROUTERS"):
        database(alias)
    with pytest.raises(NoEventLogError, match="No database"):
        databases()
    settings.DATABASE_ROUTERS = []


class NotHere:
    def allow_migrate(self, db, app_label, **hints):
        return False


def test_a_database_that_is_not_migrated_is_told_how(alias, monkeypatch):
    monkeypatch.setattr(connections[alias].introspection, "table_names", lambda: [])
    with pytest.raises(NoEventLogError, match=f"manage.py migrate --database={alias}"):
        database(alias)
