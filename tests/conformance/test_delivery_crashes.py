"""What is left when a worker dies or stops."""

import subprocess
import sys
import threading
import time

import pytest
from conformance.databases import COMMITTING
from conformance.deliveries import (
    DEADLINE,
    MUCH_LATER,
    bench,
    deliveries,
    errors,
    eventually,
    foreign_worker,
    last_position,
    make_due,
    notes_by_state,
    partition,
    partitions,
    receiving,
    send,
    send_keyed,
    work,
    working,
    write,
)
from conformance.visits import visit, visits

from heliograph.delivery.operate.letters import reject
from heliograph.delivery.worker import membership
from heliograph.delivery.worker.station import Station
from heliograph.models import Delivery, Event, Partition, Worker

pytestmark = COMMITTING


#: Longer than the lease, and not so long that the server has been restarted since.
GONE = 30


def position_of(alias, place):
    """The position of the event that was sent in a place, from 0."""
    return last_position(alias) - Event.objects.using(alias).count() + 1 + place


def die_at(alias, place, **worker):
    """Leave what a worker leaves that died with an event in hand, behind a mark."""
    dead = foreign_worker(alias, **{"silent_seconds": GONE, **worker})
    Partition.objects.using(alias).update(worker=dead.pk, in_hand=position_of(alias, place))


def die_running(alias, **worker):
    """Leave what a worker leaves that died with a later attempt."""
    dead = foreign_worker(alias, **{"silent_seconds": GONE, **worker})
    Partition.objects.using(alias).update(worker=dead.pk)
    Delivery.objects.using(alias).filter(state="retrying").update(state="running")


def test_an_event_whose_worker_died_with_it_waits_with_its_key(lasting_alias):
    with receiving(write, retry=MUCH_LATER):
        send_keyed(lasting_alias, "a1", "b1", "a2", "b2")
        die_at(lasting_alias, 0)
        work(lasting_alias)
        assert visits(lasting_alias) == ["b1", "b2"]
        assert notes_by_state(lasting_alias) == {"retrying": ["a1"], "held": ["a2"]}
        first, _ = deliveries(lasting_alias)
        assert (first.kills, first.attempts) == (1, 0)
        (error,) = errors(first)
        assert "elsewhere:1 died" in error["message"]
        assert error["worker"] == membership.name()
        assert partition(lasting_alias).in_hand is None
        make_due(lasting_alias)
        work(lasting_alias)
    assert visits(lasting_alias) == ["b1", "b2", "a1", "a2"]
    assert deliveries(lasting_alias) == []


def test_an_event_that_a_worker_died_with_is_behind_the_position_at_once(lasting_alias):
    with receiving(write, retry=MUCH_LATER) as clerk, bench(lasting_alias) as worker:
        send(lasting_alias, "one", "two")
        position = position_of(lasting_alias, 0)
        die_at(lasting_alias, 0)
        worker.take(died=True)
        assert (partition(lasting_alias).position, partition(lasting_alias).in_hand) == (position, None)
        reject(lasting_alias, [deliveries(lasting_alias)[0].pk])
        worker.turns(worker.take())
    assert clerk.notes == ["two"]


def test_after_three_deaths_an_event_is_dead(lasting_alias):
    with receiving(write, retry=MUCH_LATER) as clerk:
        send_keyed(lasting_alias, "a1", "a2")
        die_at(lasting_alias, 0)
        work(lasting_alias)
        for kills in (2, 3):
            die_running(lasting_alias)
            work(lasting_alias)
            first = deliveries(lasting_alias)[0]
            assert (first.kills, len(errors(first))) == (kills, kills)
    assert first.state == "dead"
    assert clerk.notes == ["a2"]
    assert visits(lasting_alias) == ["a2"]


def test_deaths_and_failures_are_counted_apart(lasting_alias):
    def failing(**_):
        raise ValueError("fails")

    with receiving(failing, retry=MUCH_LATER):
        send(lasting_alias, "one")
        die_at(lasting_alias, 0)
        work(lasting_alias)
        make_due(lasting_alias)
        work(lasting_alias)
        assert deliveries(lasting_alias, "state", "kills", "attempts") == [("retrying", 1, 1)]
        make_due(lasting_alias)
        work(lasting_alias)
        make_due(lasting_alias)
        work(lasting_alias)
    assert deliveries(lasting_alias, "state", "kills", "attempts") == [("dead", 1, 3)]


@pytest.mark.parametrize("mode", [{}, {"batch": 5}, {"atomic": False}], ids=["shared", "batch", "loose"])
def test_after_a_death_a_mark_is_committed_before_each_event_of_a_page(lasting_alias, mode):
    marks = []

    def looking(note, using, **_):
        marks.append(partition(using).in_hand)

    with receiving(looking, **mode):
        send(lasting_alias, "one", "two", "three")
        Partition.objects.using(lasting_alias).update(worker=foreign_worker(lasting_alias, silent_seconds=GONE).pk)
        work(lasting_alias)
        assert marks == [position_of(lasting_alias, place) for place in range(3)]
        assert partition(lasting_alias).in_hand is None


def test_the_first_death_blames_nobody(lasting_alias):
    with receiving(write) as clerk:
        send(lasting_alias, "one", "two")
        Partition.objects.using(lasting_alias).update(worker=foreign_worker(lasting_alias, silent_seconds=GONE).pk)
        work(lasting_alias)
    assert clerk.notes == ["one", "two"]
    assert deliveries(lasting_alias) == []


def test_a_server_that_was_restarted_since_blames_nobody():
    with receiving(write) as clerk:
        send("postgres", "one")
        die_at("postgres", 0, silent_seconds=10**8)
        work("postgres")
    assert clerk.notes == ["one"]
    assert deliveries("postgres") == []


def test_a_mark_of_an_event_that_is_done_blames_nobody(lasting_alias):
    with receiving(write):
        send(lasting_alias, "one")
        work(lasting_alias)
        die_at(lasting_alias, 0)
        send(lasting_alias, "two")
        work(lasting_alias)
    assert visits(lasting_alias) == ["one", "two"]
    assert deliveries(lasting_alias) == []


def test_a_worker_that_stops_in_the_middle_blames_nobody(lasting_alias):
    entered, go_on = threading.Event(), threading.Event()

    def slow(note, using, **_):
        entered.set()
        assert go_on.wait(DEADLINE)
        visit(using, note)

    with receiving(slow, batch=1) as clerk:
        send(lasting_alias, "one", "two", "three")
        with working(lasting_alias) as station:
            assert entered.wait(DEADLINE)
            station.stop()
            go_on.set()
        assert visits(lasting_alias) == clerk.notes == ["one"], "the event in hand is finished, and no other begun"
        assert partition(lasting_alias).worker is None
        assert Worker.objects.using(lasting_alias).count() == 0
        work(lasting_alias)
    assert visits(lasting_alias) == ["one", "two", "three"]
    assert deliveries(lasting_alias) == []


def test_a_worker_that_stops_gives_signs_of_life_until_its_event_is_finished(settings):
    settings.HELIOGRAPH = {"LEASE_SECONDS": 0.5}
    entered, go_on = threading.Event(), threading.Event()

    def slow(note, using, **_):
        entered.set()
        assert go_on.wait(DEADLINE)
        visit(using, note)

    with receiving(slow) as clerk:
        send("postgres", "one")
        with working("postgres") as station:
            assert entered.wait(DEADLINE)
            station.stop()
            with working("postgres"):
                began = time.monotonic()
                eventually(lambda: time.monotonic() - began > 1.5)  # three leases
                assert clerk.notes == ["one"], "nobody has taken over"
                go_on.set()
                eventually(lambda: visits("postgres") == ["one"])
    assert clerk.notes == ["one"]


def dead_process():
    """The id of a process that is no more."""
    child = subprocess.Popen([sys.executable, "-c", ""])
    child.wait()
    return child.pid


def test_a_worker_whose_process_is_no_more_is_replaced_at_once(lasting_alias):
    with receiving(write):
        send(lasting_alias, "one")
        dead = foreign_worker(lasting_alias, host=membership.host(), pid=dead_process())
        Partition.objects.using(lasting_alias).update(worker=dead.pk)
        began = time.monotonic()
        work(lasting_alias)
    assert time.monotonic() - began < 10, "less than the lease"
    assert visits(lasting_alias) == ["one"]


def test_a_worker_elsewhere_is_replaced_after_its_lease(lasting_alias, settings):
    settings.HELIOGRAPH = {"LEASE_SECONDS": 2}
    with receiving(write) as clerk:
        send(lasting_alias, "one")
        silent = foreign_worker(lasting_alias, silent_seconds=0.5)
        Partition.objects.using(lasting_alias).update(worker=silent.pk)
        began = time.monotonic()
        work(lasting_alias)
    assert clerk.notes == ["one"]
    assert time.monotonic() - began > 1


def test_a_worker_that_gives_signs_keeps_its_partitions(lasting_alias):
    living = foreign_worker(lasting_alias, silent_seconds=-1000)
    with receiving(write) as clerk, receiving(name="gallery.porter") as porter:
        send(lasting_alias, "one")
        partitions(lasting_alias).update(worker=living.pk)
        with working(lasting_alias):
            eventually(lambda: porter.notes == ["one"])
            send(lasting_alias, "two")
            eventually(lambda: porter.notes == ["one", "two"])
        assert clerk.notes == []
        assert partition(lasting_alias).worker_id == living.pk


def test_stopping_twice_and_stopping_one_that_has_nothing_are_no_trouble(lasting_alias):
    station = Station(lasting_alias, threads=2, only=())
    station.start()
    station.stop()
    station.stop()
    station.join(DEADLINE)
    assert not station.is_alive()
