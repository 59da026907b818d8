"""What may be forgotten: events that all have passed and nobody refers to, once they have had their time."""

import pytest
from conformance.databases import COMMITTING
from conformance.desk import Desk
from conformance.logs import sessions
from django.db import connections

from heliograph.delivery.operate.pruning import Pruned, Pruner, prune
from heliograph.models import SequencerStep, Worker

pytestmark = COMMITTING

DAY = 86400


@pytest.fixture
def alias(lasting_alias):
    return lasting_alias


@pytest.fixture
def desk(alias):
    return Desk(alias)


def left(desk, *signals):
    """The positions of the events that the log still has."""
    numbers = list(desk.log.signals(signals or ("shop.sent",)).values())
    from heliograph.log.entries import ALL

    return [entry.position for entry in desk.log.read(numbers, after=0, until=2**62, limit=10_000, share=ALL)]


def test_old_events_that_all_have_passed_go_and_young_ones_stay(desk, alias):
    subscription = desk.subscribe()
    positions = desk.send("a", "b", "c")
    desk.pass_all(subscription)
    assert prune(alias) == Pruned()
    desk.age(*positions[:2])
    last = desk.log.last_position()
    assert prune(alias).events == 2
    assert left(desk) == positions[2:]
    assert desk.events() == 1
    assert desk.log.last_position() == last
    assert prune(alias) == Pruned()


def test_retention_is_the_projects(desk, alias, settings):
    desk.age(*desk.send("a"), seconds=100)
    settings.HELIOGRAPH = {"RETENTION_SECONDS": 200}
    assert prune(alias).events == 0
    settings.HELIOGRAPH = {"RETENTION_SECONDS": 50}
    assert prune(alias).events == 1


def test_what_one_subscription_has_not_passed_stays(desk, alias):
    fast, slow = desk.subscribe(), desk.subscribe("shop.receivers.mail")
    positions = desk.send("a", "b", "c")
    desk.age(*positions)
    desk.pass_all(fast)
    desk.partitions(slow).update(position=positions[0])
    assert prune(alias).events == 1
    assert left(desk) == positions[1:]


def test_what_one_partition_has_not_passed_stays(desk, alias):
    subscription = desk.subscribe(count=3)
    positions = desk.send("a", "b", "c", "d")
    desk.age(*positions)
    desk.pass_all(subscription)
    desk.partitions(subscription).filter(number=2).update(position=positions[1])
    assert prune(alias).events == 2
    assert left(desk) == positions[2:]


def test_while_the_count_changes_all_partitions_count(desk, alias):
    subscription = desk.subscribe()
    positions = desk.send("a", "b")
    desk.age(*positions)
    desk.partitions(subscription).update(position=positions[0], until=positions[1])
    for number in range(2):
        desk.partition(subscription, number, 2, positions[1])
    assert prune(alias).events == 1
    assert left(desk) == positions[1:]


def test_a_subscription_without_partitions_has_passed_nothing(desk, alias):
    desk.subscribe(count=0)
    desk.age(*desk.send("a"))
    assert prune(alias).events == 0


@pytest.mark.parametrize("state", ["dead", "retrying", "held", "running"])
def test_what_a_delivery_refers_to_stays_whoever_it_is_for(desk, alias, state):
    subscription = desk.subscribe()
    positions = desk.send("a", "b", "c")
    desk.age(*positions)
    desk.pass_all(subscription)
    desk.deliver(desk.subscribe("shop.receivers.mail", signals=()), positions[1], state, key="b")
    assert prune(alias).events == 2
    assert left(desk) == [positions[1]]


def test_many_dead_letters_at_the_head_do_not_stop_it(desk, alias, monkeypatch):
    monkeypatch.setattr("heliograph.delivery.operate.pruning.BATCH", 2)
    subscription = desk.subscribe()
    positions = desk.send(*"aaaaaaa")
    desk.age(*positions[:6])
    desk.pass_all(subscription)
    for position in positions[:3]:
        desk.deliver(subscription, position, "dead", key="a")
    assert prune(alias).events == 3
    assert left(desk) == [*positions[:3], positions[6]]


def test_each_signal_has_its_own_readers(desk, alias):
    desk.subscribe(signals=("shop.sent",))
    sent, heard_by_nobody = desk.send("a"), desk.send("a", "b", signal="shop.other")
    desk.age(*sent, *heard_by_nobody)
    assert prune(alias).events == 2
    assert left(desk, "shop.sent", "shop.other") == sent


def test_so_many_portions_and_no_more(desk, alias, monkeypatch):
    monkeypatch.setattr("heliograph.delivery.operate.pruning.BATCH", 2)
    desk.age(*desk.send(*"aaaaa"))
    pruner = Pruner(alias)
    assert [pruner.turn(1).events for _ in range(4)] == [2, 2, 1, 0]


def test_what_has_to_stay_is_not_in_the_way_of_small_turns(desk, alias, monkeypatch):
    monkeypatch.setattr("heliograph.delivery.operate.pruning.BATCH", 2)
    subscription = desk.subscribe(signals=("shop.sent", "shop.paid"))
    positions = [*desk.send(*"aaaaaa"), *desk.send(*"aaaaaa", signal="shop.paid")]
    desk.age(*positions)
    desk.pass_all(subscription)
    for position in (*positions[:4], *positions[6:10]):
        desk.deliver(subscription, position, "dead", key="a")
    pruner = Pruner(alias)
    assert sum(pruner.turn(1).events for _ in range(10)) == 4
    assert left(desk, "shop.sent", "shop.paid") == [*positions[:4], *positions[6:10]]


@pytest.mark.parametrize(
    "lasting_alias", ["postgres"], indirect=True
)  # on SQLite it has its position from the beginning
def test_an_event_without_a_position_stays(desk, alias):
    with sessions(alias) as session:
        session().append(1)
    with connections[alias].cursor() as cursor:
        cursor.execute("update heliograph_event set sent_at = sent_at - interval '1 year'")
    assert prune(alias).events == 0
    assert desk.events() == 1


@pytest.mark.parametrize("lasting_alias", ["postgres"], indirect=True)  # SQLite has no sequencer
def test_old_steps_of_the_sequencer_go_but_for_the_newest(desk, alias, monkeypatch):
    monkeypatch.setattr("heliograph.delivery.operate.pruning.STEPS_KEPT", 3)
    monkeypatch.setattr("heliograph.delivery.operate.pruning.BATCH", 2)
    for _ in range(8):
        desk.send("a")
    ids = list(SequencerStep.objects.using(alias).order_by("id").values_list("id", flat=True))
    assert prune(alias).steps == len(ids) - 3
    assert list(SequencerStep.objects.using(alias).order_by("id").values_list("id", flat=True)) == ids[-3:]
    before = desk.log.last_position()
    assert desk.send("b") == [before + 1]


def test_workers_that_are_gone_for_a_day_go_unless_they_own_something(desk, alias):
    subscription = desk.subscribe()
    for seconds in (10, DAY - 60, DAY + 60):
        desk.worker(silent_seconds=seconds)
    owner = desk.worker(silent_seconds=DAY * 3)
    desk.partitions(subscription).update(worker=owner)
    assert prune(alias).workers == 1
    assert Worker.objects.using(alias).count() == 3
    assert Worker.objects.using(alias).filter(pk=owner.pk).exists()


def test_nothing_to_do_is_told_by_few_statements(desk, alias, django_assert_max_num_queries):
    subscription = desk.subscribe()
    desk.send(*["a"] * 50)
    desk.pass_all(subscription)
    with django_assert_max_num_queries(6, using=alias):
        assert prune(alias) == Pruned()
