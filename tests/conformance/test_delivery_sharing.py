"""Workers share partitions, and the number of partitions may change at any time."""

import pytest
from conformance.databases import COMMITTING
from conformance.deliveries import (
    AT_ONCE,
    CLERK,
    DEADLINE,
    MUCH_LATER,
    bench,
    deliveries,
    eventually,
    foreign_worker,
    last_position,
    make_due,
    notes_by_state,
    partitions,
    receiving,
    send,
    send_keyed,
    work,
    working,
    write,
)
from conformance.logs import HOLD_THE_LOCK, sessions
from conformance.visits import visit, visits
from django.db.models import F, Q

from heliograph.delivery.registration.register import register
from heliograph.delivery.worker.station import Station
from heliograph.events.keys import key_hash
from heliograph.models import Partition, Worker

pytestmark = COMMITTING

KEYS = "abcdefgh"


def owners(alias):
    """How many partitions each worker has."""
    found = {}
    for worker in partitions(alias).values_list("worker", flat=True):
        found[worker] = found.get(worker, 0) + 1
    return found


def shared(alias, *shares):
    """Wait until every partition has an owner, and the workers have so many each."""
    eventually(lambda: None not in (now := owners(alias)) and sorted(now.values()) == [*shares])


def in_order(notes):
    """Tell whether the notes of each key are in the order of their numbers."""
    return all(
        [note for note in notes if note[0] == key] == sorted(note for note in notes if note[0] == key) for key in KEYS
    )


def test_two_workers_share_the_partitions_and_one_that_goes_hands_its_own_back(lasting_alias, settings):
    settings.HELIOGRAPH = {"LEASE_SECONDS": 3}
    with receiving(write, partitions=4):
        register(lasting_alias)
        with working(lasting_alias):
            shared(lasting_alias, 4)
            with working(lasting_alias):
                eventually(
                    lambda: sorted(owners(lasting_alias).values()) == [2, 2] and None not in owners(lasting_alias)
                )
                send_keyed(lasting_alias, *(f"{key}1" for key in KEYS))
                eventually(lambda: len(visits(lasting_alias)) == len(KEYS))
            shared(lasting_alias, 4)
            send_keyed(lasting_alias, *(f"{key}2" for key in KEYS))
            eventually(lambda: len(visits(lasting_alias)) == 2 * len(KEYS))
    assert owners(lasting_alias) == {None: 4}
    assert Worker.objects.using(lasting_alias).count() == 0
    assert in_order(visits(lasting_alias))


def test_workers_that_begin_at_once_are_two(lasting_alias):
    stations = [Station(lasting_alias, threads=1, only=()) for _ in range(3)]
    with receiving(partitions=3):
        register(lasting_alias)
        for station in stations:
            station.start()
        try:
            eventually(
                lambda: sorted(owners(lasting_alias).values()) == [1, 1, 1] and None not in owners(lasting_alias)
            )
            assert Worker.objects.using(lasting_alias).count() == 3
        finally:
            for station in stations:
                station.stop()
            for station in stations:
                station.join()


def test_a_worker_that_cannot_run_a_receiver_leaves_its_partitions_to_those_that_can(lasting_alias):
    foreign_worker(lasting_alias, silent_seconds=-1000)  # it may have other code
    with receiving(write, partitions=4), working(lasting_alias):
        send_keyed(lasting_alias, *(f"{key}1" for key in KEYS))
        eventually(lambda: len(visits(lasting_alias)) == len(KEYS))


def test_only_the_receivers_that_it_is_to_keep_to_are_run(lasting_alias):
    with receiving() as clerk, receiving(name="gallery.porter") as porter:
        send(lasting_alias, "one")
        work(lasting_alias, only=["gallery.porter"])
        assert (clerk.notes, porter.notes) == ([], ["one"])
        work(lasting_alias)
    assert (clerk.notes, porter.notes) == (["one"], ["one"])


def test_a_drain_ends_beside_a_worker_that_owns_partitions(lasting_alias):
    with receiving(write, partitions=2), working(lasting_alias):
        send_keyed(lasting_alias, *(f"{key}1" for key in KEYS))
        work(lasting_alias)
        assert len(visits(lasting_alias)) == len(KEYS)


@pytest.mark.parametrize(("before", "after"), [(1, 3), (3, 2)])
def test_a_changed_number_of_partitions_loses_nothing_and_keeps_the_order(lasting_alias, before, after):
    with receiving(write, partitions=before):
        send_keyed(lasting_alias, *(f"{key}1" for key in KEYS))
        work(lasting_alias)
        send_keyed(lasting_alias, *(f"{key}2" for key in KEYS))
    with receiving(write, partitions=after):
        register(lasting_alias)
        send_keyed(lasting_alias, *(f"{key}3" for key in KEYS))
        work(lasting_alias, threads=2)
    done = visits(lasting_alias)
    assert len(done) == 3 * len(KEYS)
    assert in_order(done)
    assert [row.count for row in partitions(lasting_alias)] == [after] * after


def test_no_new_partition_begins_before_every_old_one_has_come_to_its_end(lasting_alias):
    with receiving(write, partitions=2):
        send_keyed(lasting_alias, *(f"{key}1" for key in KEYS))
    with receiving(write, partitions=3):
        register(lasting_alias)
        barrier = last_position(lasting_alias)
        send_keyed(lasting_alias, *(f"{key}2" for key in KEYS))
        assert set(partitions(lasting_alias).filter(count=2).values_list("until", flat=True)) == {barrier}
        assert set(partitions(lasting_alias).filter(count=3).values_list("position", flat=True)) == {barrier}
        other = foreign_worker(lasting_alias, silent_seconds=-1000)  # does not come to an end
        slow = partitions(lasting_alias).get(count=2, number=0)
        Partition.objects.using(lasting_alias).filter(pk=slow.pk).update(worker=other.pk)
        quick = {f"{key}1" for key in KEYS if key_hash(key) % 2 == 1}
        with working(lasting_alias):
            eventually(lambda: set(visits(lasting_alias)) == quick)
            eventually(lambda: not partitions(lasting_alias).filter(count=2, number=1))
            assert not partitions(lasting_alias).filter(Q(count=3) & ~Q(worker=None))
            Partition.objects.using(lasting_alias).filter(pk=slow.pk).update(worker=None)
            eventually(lambda: len(visits(lasting_alias)) == 2 * len(KEYS))
            eventually(lambda: not partitions(lasting_alias).filter(count=2))
    assert in_order(visits(lasting_alias))


def test_an_old_partition_reads_no_further_than_its_end_and_is_gone_then(lasting_alias):
    with receiving(write):
        send(lasting_alias, "before")
    with receiving(write, partitions=2):
        register(lasting_alias)
        send(lasting_alias, "after")
        partitions(lasting_alias).filter(count=2).update(number=F("number") + 10)
        with bench(lasting_alias) as worker:
            worker.turns(worker.take())
    assert visits(lasting_alias) == ["before"]
    assert not partitions(lasting_alias).filter(count=1)


@pytest.mark.parametrize(("before", "after"), [(1, 3), (3, 1)])
def test_deliveries_in_trouble_are_carried_over(lasting_alias, before, after):
    failing = {f"{key}1" for key in KEYS}

    def does(note, using, **_):
        if note in failing:
            raise ValueError("not now")
        visit(using, note)

    with receiving(does, partitions=before, retry=MUCH_LATER):
        send_keyed(lasting_alias, *(f"{key}{number}" for number in "12" for key in KEYS))
        work(lasting_alias)
    with receiving(does, partitions=after, retry=MUCH_LATER):
        register(lasting_alias)
        send_keyed(lasting_alias, *(f"{key}3" for key in KEYS))
        work(lasting_alias)
        assert visits(lasting_alias) == []
        assert len(notes_by_state(lasting_alias)["held"]) == 2 * len(KEYS)
        failing.clear()
        make_due(lasting_alias)
        work(lasting_alias)
    assert len(visits(lasting_alias)) == 3 * len(KEYS)
    assert in_order(visits(lasting_alias))
    assert deliveries(lasting_alias) == []


def test_the_number_changes_while_workers_run(lasting_alias):
    notes = [f"{key}{number:02}" for number in range(12) for key in KEYS]
    with receiving(write, partitions=2, retry=AT_ONCE), working(lasting_alias):
        send_keyed(lasting_alias, *notes[:30])
    with receiving(write, partitions=3, retry=AT_ONCE), working(lasting_alias), working(lasting_alias):
        send_keyed(lasting_alias, *notes[30:60])
        eventually(lambda: len(visits(lasting_alias)) >= 40)
    with receiving(write, partitions=1, retry=AT_ONCE), working(lasting_alias):
        send_keyed(lasting_alias, *notes[60:])
        eventually(lambda: len(visits(lasting_alias)) == len(notes))
    assert sorted(visits(lasting_alias)) == sorted(notes)
    assert in_order(visits(lasting_alias))


def test_a_number_that_is_being_changed_is_not_changed_again(lasting_alias):
    with receiving(write, partitions=1):
        send(lasting_alias, "one")
    with receiving(write, partitions=2):
        register(lasting_alias)
    with receiving(write, partitions=3):
        register(lasting_alias)
        assert sorted(row.count for row in partitions(lasting_alias, CLERK)) == [1, 2, 2]
        work(lasting_alias)
        register(lasting_alias)
        work(lasting_alias)
        assert [row.count for row in partitions(lasting_alias)] == [3] * 3
    assert visits(lasting_alias) == ["one"]


def test_a_drain_waits_for_a_step_that_another_session_is_at():
    with receiving(write), sessions("postgres") as session:
        holder = session()
        holder.begin()
        holder.execute(HOLD_THE_LOCK)
        send("postgres", "one")
        station = Station("postgres", threads=1, only=(), drain=True)
        station.start()
        eventually(partitions("postgres").filter(worker__isnull=False).exists)
        station.join(0.5)
        assert station.is_alive()
        holder.roll_back()
        station.join(DEADLINE)
        assert not station.is_alive()
    assert visits("postgres") == ["one"]
