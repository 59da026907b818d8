"""Whoever does not own a partition any more commits nothing for it."""

import threading

import pytest
from conformance.databases import COMMITTING
from conformance.deliveries import (
    DEADLINE,
    MUCH_LATER,
    bench,
    deliveries,
    eventually,
    make_due,
    partition,
    receiving,
    send,
    send_keyed,
    working,
    write,
)
from conformance.visits import visit, visits
from django.db import transaction
from django.db.models import F

from heliograph.delivery.operate.letters import reject, retry
from heliograph.delivery.worker.attempts import LostError
from heliograph.models import Partition, Subscription

pytestmark = COMMITTING

ALL_MODES = pytest.mark.parametrize(
    "mode", [{}, {"batch": 1}, {"batch": 4}, {"atomic": False}], ids=["shared", "one", "batch", "loose"]
)
MODES = pytest.mark.parametrize("mode", [{}, {"batch": 1}, {"batch": 4}], ids=["shared", "one", "batch"])


def take_away(alias):
    """Let somebody else have every partition."""
    Partition.objects.using(alias).update(epoch=F("epoch") + 1)


@ALL_MODES
def test_who_has_lost_a_partition_before_its_turn_commits_nothing(lasting_alias, mode):
    with receiving(write, **mode), bench(lasting_alias) as worker:
        send(lasting_alias, "one")
        actor = worker.take()
        take_away(lasting_alias)
        before = partition(lasting_alias).position
        with pytest.raises(LostError):
            worker.turn(actor)
    assert partition(lasting_alias).position == before
    if mode.get("atomic", True):
        assert visits(lasting_alias) == []


class Pausing:
    """A receiver that waits for the test at one note."""

    def __init__(self, at):
        self.at = at
        self.entered, self.go_on = threading.Event(), threading.Event()

    def __call__(self, note, using, **_):
        if note == self.at and not self.entered.is_set():
            self.entered.set()
            assert self.go_on.wait(DEADLINE)
        visit(using, note)


@MODES
def test_who_loses_a_partition_within_the_receiver_commits_nothing_of_its_transaction(mode):
    pausing = Pausing("two")
    with receiving(pausing, **mode), bench("postgres") as worker:
        send("postgres", "one", "two", "three")
        actor = worker.take()
        turn = worker.start_turn(actor)
        assert pausing.entered.wait(DEADLINE)
        take_away("postgres")
        committed = visits("postgres")
        pausing.go_on.set()
        with pytest.raises(LostError):
            turn.result(DEADLINE)
        assert visits("postgres") == committed
        actor = worker.take()
        worker.turns(actor)
    assert visits("postgres") == ["one", "two", "three"]


@ALL_MODES
def test_a_failure_is_not_written_by_who_has_lost_the_partition(mode):
    pausing = Pausing("bad")

    def failing(note, using, **_):
        pausing(note, using)
        raise ValueError("fails")

    with receiving(failing, **mode), bench("postgres") as worker:
        send("postgres", "bad")
        actor = worker.take()
        turn = worker.start_turn(actor)
        assert pausing.entered.wait(DEADLINE)
        take_away("postgres")
        pausing.go_on.set()
        with pytest.raises(LostError):
            turn.result(DEADLINE)
    assert deliveries("postgres") == []


@ALL_MODES
@pytest.mark.parametrize("ends", ["succeeds", "fails"])
def test_a_later_attempt_is_not_written_by_who_has_lost_the_partition(mode, ends):
    pausing = Pausing("never")

    def does(note, using, **_):
        pausing(note, using)
        if ends == "fails" or pausing.at == "never":
            raise ValueError("fails")

    with receiving(does, retry=MUCH_LATER, **mode), bench("postgres") as worker:
        send("postgres", "bad")
        actor = worker.take()
        worker.turns(actor)
        before = len(visits("postgres"))
        make_due("postgres")
        pausing.at = "bad"
        turn = worker.start_turn(actor)
        assert pausing.entered.wait(DEADLINE)
        take_away("postgres")
        pausing.go_on.set()
        with pytest.raises(LostError):
            turn.result(DEADLINE)
        assert deliveries("postgres", "state", "attempts") == [("running", 2)]
        worker.take()  # the next owner: nobody is to blame
        assert deliveries("postgres", "state", "attempts", "kills") == [("retrying", 1, 0)]
    if mode.get("atomic", True):
        assert len(visits("postgres")) == before


def test_a_due_delivery_is_not_claimed_by_who_has_lost_the_partition(lasting_alias):
    def failing(**_):
        raise ValueError("fails")

    with receiving(failing, retry=MUCH_LATER) as clerk, bench(lasting_alias) as worker:
        send(lasting_alias, "bad")
        actor = worker.take()
        worker.turns(actor)
        make_due(lasting_alias)
        take_away(lasting_alias)
        with pytest.raises(LostError):
            worker.turn(actor)
    assert clerk.notes == ["bad"]
    assert deliveries(lasting_alias, "state", "attempts") == [("retrying", 1)]


def test_the_former_owner_commits_nothing_while_the_next_goes_on(lasting_alias):
    with receiving(write), bench(lasting_alias) as former, bench(lasting_alias) as later:
        send(lasting_alias, "one")
        stale = former.take()
        actor = later.take()
        later.turns(actor)
        send(lasting_alias, "two")
        with pytest.raises(LostError):
            former.turn(stale)
        later.turns(actor)
    assert visits(lasting_alias) == ["one", "two"]


def test_taking_a_partition_that_somebody_else_has_taken_meanwhile_fails(lasting_alias):
    with receiving(write), bench(lasting_alias) as one, bench(lasting_alias) as other:
        send(lasting_alias, "one")
        row = other.do(other.look)
        actor = one.take()
        assert other.do(other.take_as_seen, row) is None
        one.turns(actor)
    assert visits(lasting_alias) == ["one"]


def test_a_partition_is_taken_where_it_stands_not_where_it_was_seen(lasting_alias):
    with receiving(write), bench(lasting_alias) as one, bench(lasting_alias) as other:
        send(lasting_alias, "one")
        actor = one.take()
        row = other.do(other.look)
        one.turns(actor)
        other.turns(other.do(other.take_as_seen, row))
    assert visits(lasting_alias) == ["one"]


def test_handing_back_is_seen_by_who_was_about_to_take_over(lasting_alias):
    with receiving(write), bench(lasting_alias) as one:
        send(lasting_alias, "one")
        actor = one.take()
        epoch = partition(lasting_alias).epoch
        one.do(actor.hand_back, one.hands.own, 0.0)
        handed = partition(lasting_alias)
    assert (handed.worker_id, handed.epoch) == (None, epoch + 1)


@pytest.mark.parametrize("verb", ["retry", "reject"])
def test_an_operators_word_on_a_running_delivery_takes_it_out_of_the_owners_hand(verb):
    pausing = Pausing("never")

    def does(note, using, **_):
        pausing(note, using)
        if pausing.at == "never":
            raise ValueError("fails")

    with receiving(does, retry=MUCH_LATER) as clerk, bench("postgres") as worker:
        send_keyed("postgres", "a1", "a2")
        actor = worker.take()
        worker.turns(actor)
        make_due("postgres")
        pausing.at = "a1"
        turn = worker.start_turn(actor)
        assert pausing.entered.wait(DEADLINE)
        first = deliveries("postgres")[0].pk
        if verb == "reject":
            assert reject("postgres", [first]).released == 1
        else:
            assert retry("postgres", ids=[first]).left == {first: "running"}
            take_away("postgres")
        pausing.go_on.set()
        with pytest.raises(LostError):
            turn.result(DEADLINE)
        assert visits("postgres") == []
        worker.turns(worker.take())
    assert visits("postgres") == (["a1", "a2"] if verb == "retry" else ["a2"])
    assert deliveries("postgres") == []
    assert clerk.notes[0] == "a1"


def test_a_paused_subscription_rests_and_goes_on_where_it_stood(lasting_alias):
    with receiving(write), working(lasting_alias):
        send(lasting_alias, "one")
        eventually(lambda: visits(lasting_alias) == ["one"])
        with transaction.atomic(using=lasting_alias):
            Subscription.objects.using(lasting_alias).update(paused=True)
            take_away(lasting_alias)
        send(lasting_alias, "two", "three")
        with receiving(name="gallery.porter") as porter:
            send(lasting_alias, "four")
            eventually(lambda: porter.notes == ["four"])
            assert visits(lasting_alias) == ["one"]
            Subscription.objects.using(lasting_alias).update(paused=False)
            eventually(lambda: len(visits(lasting_alias)) == 4)
    assert visits(lasting_alias) == ["one", "two", "three", "four"]


def test_who_has_lost_a_partition_does_not_hand_it_back(lasting_alias):
    with receiving(write), bench(lasting_alias) as former, bench(lasting_alias) as later:
        send(lasting_alias, "one")
        stale = former.take()
        later.turns(later.take())
        before = partition(lasting_alias)
        former.do(stale.hand_back, former.hands.own, 0.0)
        after = partition(lasting_alias)
    assert (after.worker_id, after.position, after.epoch) == (later.number, before.position, before.epoch)
