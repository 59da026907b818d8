"""How receivers share transactions: by time, one by one, in batches, or in none."""

import time

import pytest
from conformance.databases import COMMITTING
from conformance.deliveries import (
    AT_ONCE,
    MUCH_LATER,
    deliveries,
    notes_by_state,
    receiving,
    send,
    sent,
    work,
)
from conformance.visits import visit, visits
from django.db import connections, transaction

from heliograph import receiver
from heliograph.delivery.declaration.registry import undeclare
from heliograph.delivery.worker import pages

pytestmark = COMMITTING

NOTES = [f"note {number}" for number in range(12)]

log = []


@pytest.fixture(autouse=True)
def empty_log():
    log.clear()


def write(note, using, **_):
    """Write a row, and note down the call and its commit."""
    log.append(note)
    visit(using, note)
    transaction.on_commit(lambda: log.append(None), using=using)


def commits():
    """The notes that were committed together, group by group."""
    groups, calls = [], []
    for entry in log:
        if entry is not None:
            calls.append(entry)
        elif calls:
            groups.append(calls)
            calls = []
    return [*groups, calls] if calls else groups


def share_for(monkeypatch, seconds):
    monkeypatch.setattr(pages, "SHARED_SECONDS", {"postgresql": seconds, "sqlite": seconds})


def deliver(alias, does=write, **options):
    with receiving(does, **options) as clerk:
        send(alias, *NOTES)
        work(alias)
    return clerk


def test_events_of_a_short_time_share_a_commit(lasting_alias, monkeypatch):
    share_for(monkeypatch, 60)
    deliver(lasting_alias)
    assert commits() == [NOTES]
    assert visits(lasting_alias) == NOTES
    assert deliveries(lasting_alias) == []


def test_a_commit_comes_once_the_time_is_over(lasting_alias):
    share = pages.SHARED_SECONDS[connections[lasting_alias].vendor]

    def slow(note, using, **_):
        write(note, using)
        if note == NOTES[3]:
            time.sleep(share * 1.5)

    deliver(lasting_alias, slow)
    assert any(group[-1] == NOTES[3] for group in commits())
    assert visits(lasting_alias) == NOTES


def test_a_slow_receiver_has_a_transaction_for_each_event(lasting_alias, monkeypatch):
    share_for(monkeypatch, 0.001)

    def slow(note, using, **_):
        write(note, using)
        time.sleep(0.01)

    deliver(lasting_alias, slow)
    assert commits() == [[note] for note in NOTES]


def test_a_receiver_that_was_slow_needs_no_savepoints_any_more(lasting_alias, monkeypatch):
    share_for(monkeypatch, 0.001)
    depths = []

    def slow(using, **_):
        depths.append(len(connections[using].savepoint_ids))
        time.sleep(0.01)

    deliver(lasting_alias, slow)
    assert depths == [1] + [0] * (len(NOTES) - 1)


def test_a_batch_of_one_commits_each_event(lasting_alias, monkeypatch):
    share_for(monkeypatch, 60)
    deliver(lasting_alias, batch=1)
    assert commits() == [[note] for note in NOTES]
    assert visits(lasting_alias) == NOTES


def test_a_batch_of_more_commits_so_many_without_savepoints(lasting_alias):
    depths = []

    def counting(note, using, **_):
        write(note, using)
        depths.append(len(connections[using].savepoint_ids))

    deliver(lasting_alias, counting, batch=5)
    assert commits() == [NOTES[:5], NOTES[5:10], NOTES[10:]]
    assert set(depths) == {0}
    assert visits(lasting_alias) == NOTES


def test_a_batch_larger_than_a_page_is_one_commit(lasting_alias):
    with receiving(write, batch=150):
        with transaction.atomic(using=lasting_alias):
            for number in range(150):
                sent.send(None, note=str(number), key=None, using=lasting_alias)
        work(lasting_alias)
    assert [len(group) for group in commits()] == [150]


def test_a_batch_with_an_error_is_redone_with_savepoints(lasting_alias, monkeypatch):
    share_for(monkeypatch, 60)
    failing = NOTES[2]

    def picky(note, using, **_):
        write(note, using)
        if note == failing:
            raise ValueError("not this one")

    deliver(lasting_alias, picky, batch=5, retry=MUCH_LATER)
    assert visits(lasting_alias) == [note for note in NOTES if note != failing]
    assert notes_by_state(lasting_alias) == {"retrying": [failing]}
    assert log[:3] == NOTES[:3], "the batch without savepoints"
    assert log[3:8] == NOTES[:5], "again, with them"


def test_after_an_error_a_batch_is_a_batch_again(lasting_alias):
    depths = []

    def picky(note, using, **_):
        depths.append(len(connections[using].savepoint_ids))
        if note == NOTES[0]:
            raise ValueError("not this one")

    deliver(lasting_alias, picky, batch=4, retry=MUCH_LATER)
    assert depths[-4:] == [0] * 4


def test_without_a_transaction_each_event_is_acknowledged_by_itself(lasting_alias):
    blocks = []

    def loose(note, using, **_):
        visit(using, note)
        blocks.append(connections[using].in_atomic_block or not connections[using].get_autocommit())

    deliver(lasting_alias, loose, atomic=False)
    assert not any(blocks)
    assert visits(lasting_alias) == NOTES


def test_without_a_transaction_the_work_of_a_failing_event_stays(lasting_alias):
    def failing(note, using, **_):
        visit(using, note)
        raise ValueError("too late")

    with receiving(failing, atomic=False, retry=AT_ONCE):
        send(lasting_alias, "one")
        work(lasting_alias)
    assert visits(lasting_alias) == ["one"] * 3
    assert notes_by_state(lasting_alias) == {"dead": ["one"]}


async def awaited(note, using, **_):
    """An asynchronous receiver."""
    from gallery.models import Visit

    await Visit.objects.using(using).acreate(note=note)
    if note == "bad":
        raise ValueError("bad note")


@pytest.mark.parametrize("options", [{}, {"batch": 1}, {"batch": 3}], ids=["shared", "one", "batch"])
def test_an_asynchronous_receiver_works_in_the_transaction(lasting_alias, options):
    receiver(sent, durable=True, name="gallery.clerk", retry=AT_ONCE, **options)(awaited)
    try:
        send(lasting_alias, "first", "bad", "last")
        work(lasting_alias)
    finally:
        undeclare("gallery.clerk")
    assert visits(lasting_alias) == ["first", "last"]
    assert notes_by_state(lasting_alias) == {"dead": ["bad"]}


@pytest.mark.parametrize("partitions", [1, 3])
def test_several_pages_are_delivered_once(lasting_alias, partitions):
    with receiving(write, partitions=partitions):
        with transaction.atomic(using=lasting_alias):
            for number in range(350):
                sent.send(None, note=str(number), key=str(number % 7), using=lasting_alias)
        work(lasting_alias, threads=2)
    assert sorted(map(int, visits(lasting_alias))) == list(range(350))


def test_a_slow_receiver_lets_the_others_of_its_thread_have_their_turn(lasting_alias, monkeypatch):
    monkeypatch.setattr(pages, "TURN_SECONDS", 0)
    with (
        receiving(lambda **_: log.append("one"), name="gallery.one", batch=1),
        receiving(lambda **_: log.append("two"), name="gallery.two", batch=1),
    ):
        send(lasting_alias, *NOTES)
        work(lasting_alias)
    first = log[0]
    assert log.index("two" if first == "one" else "one") == 1
    assert log.count("one") == log.count("two") == len(NOTES)
