"""Receivers that hang: each costs its own event an attempt, and holds up nothing else."""

import threading

import pytest
from conformance.databases import COMMITTING
from conformance.deliveries import (
    AT_ONCE,
    DEADLINE,
    MUCH_LATER,
    bench,
    deliveries,
    errors,
    eventually,
    notes_by_state,
    receiving,
    send,
    send_keyed,
    working,
)
from conformance.visits import visit, visits
from django.db import connections

from heliograph.delivery.worker.attempts import LostError

pytestmark = COMMITTING


@pytest.mark.parametrize("mode", [{}, {"batch": 1}, {"atomic": False}], ids=["shared", "one", "loose"])
def test_a_receiver_that_hangs_has_failed_and_holds_up_nothing_else(lasting_alias, mode):
    let_go = threading.Event()

    def hanging(note, using, **_):
        visit(using, note)
        if note == "a1":
            let_go.wait(DEADLINE)

    def settled():
        return notes_by_state(lasting_alias) == {"retrying": ["a1"], "held": ["a2"]} and "b1" in visits(lasting_alias)

    with receiving(hanging, timeout=0.3, retry=MUCH_LATER, **mode):
        send_keyed(lasting_alias, "b0", "a1", "a2", "b1")
        with working(lasting_alias):
            try:
                eventually(settled)
            finally:
                let_go.set()
    (delivery, _) = deliveries(lasting_alias)
    assert (delivery.attempts, delivery.kills) == (1, 0)
    assert "longer than its timeout of 0.3 s" in errors(delivery)[0]["message"]
    if mode.get("atomic", True):
        assert sorted(visits(lasting_alias)) == ["b0", "b1"]


def test_a_later_attempt_that_hangs_has_failed(lasting_alias):
    let_go = threading.Event()
    tries = []

    def hanging(note, using, **_):
        tries.append(note)
        if len(tries) == 1:
            raise ValueError("first")
        if len(tries) == 2:
            let_go.wait(DEADLINE)
        visit(using, note)

    with receiving(hanging, timeout=0.3, retry=AT_ONCE):
        send(lasting_alias, "one")
        with working(lasting_alias):
            try:
                eventually(lambda: visits(lasting_alias) == ["one"])
            finally:
                let_go.set()
    assert len(tries) == 3
    assert deliveries(lasting_alias) == []


def test_a_receiver_that_hangs_in_the_database_is_ended_there():
    def hanging(note, using, **_):
        visit(using, note)
        if note == "bad":
            with connections[using].cursor() as cursor:
                cursor.execute("select pg_sleep(60)")

    with receiving(hanging, timeout=0.3, retry=MUCH_LATER), working("postgres"):
        send("postgres", "bad", "good")
        eventually(lambda: visits("postgres") == ["good"])
    (delivery,) = deliveries("postgres")
    assert (delivery.state, delivery.attempts, delivery.kills) == ("retrying", 1, 0)


def test_a_hang_in_a_shared_transaction_is_written_in_the_turn_of_its_event(lasting_alias):
    entered, let_go = threading.Event(), threading.Event()

    def hanging(note, **_):
        if note == "a2":
            entered.set()
            let_go.wait(DEADLINE)

    with receiving(hanging, retry=MUCH_LATER) as clerk, bench(lasting_alias) as watcher, bench(lasting_alias) as worker:
        send_keyed(lasting_alias, "b1", "a1", "a2", "a3", "b2")
        actor = worker.take()
        turn = worker.start_turn(actor)
        assert entered.wait(DEADLINE)
        successor = watcher.do(lambda: watcher.end_hung(worker, actor))
        assert deliveries(lasting_alias) == []
        let_go.set()
        with pytest.raises(LostError):
            turn.result(DEADLINE)
        watcher.turns(successor)
    assert clerk.notes == ["b1", "a1", "a2", "b1", "a1", "b2"]
    assert notes_by_state(lasting_alias) == {"retrying": ["a2"], "held": ["a3"]}
