"""Sessions that are lost: between turns, with an event in hand, and with the answer to a COMMIT."""

import pytest
from conformance.databases import COMMITTING
from conformance.deliveries import (
    MUCH_LATER,
    bench,
    deliveries,
    eventually,
    make_due,
    notes_by_state,
    receiving,
    send,
    send_keyed,
    write,
)
from conformance.visits import visit, visits
from django.db import OperationalError, connections
from psycopg.pq import TransactionStatus

from heliograph.delivery.worker.attempts import DisconnectedError

pytestmark = COMMITTING


def test_a_lost_session_between_turns_blames_nobody():
    with receiving(write) as clerk, bench("postgres") as worker, bench("postgres") as server:
        send("postgres", "one")
        actor = worker.take()
        worker.turns(actor)
        pid = worker.hands.work.connection.info.backend_pid
        server.do(lambda: server.hands.own.cursor().execute("select pg_terminate_backend(%s, 10000)", [pid]))
        send("postgres", "two")

        def turn_until_lost():
            with pytest.raises(DisconnectedError) as gone:
                eventually(lambda: worker._turn(actor))
            restarted = worker.hands.reopen()
            actor.recover(worker.hands, gone.value, restarted=restarted)

        worker.do(turn_until_lost)
        worker.turns(actor)
    assert clerk.notes == ["one", "two"]
    assert deliveries("postgres") == []


@pytest.mark.parametrize("mode", [{}, {"batch": 5}], ids=["shared", "batch"])
def test_a_crash_in_a_shared_transaction_is_written_in_the_turn_of_its_event(mode):
    """A delivery ahead of the position could be rejected by an operator, and its event would be run once more."""

    def does(note, using, **_):
        visit(using, note)
        if note == "a2":
            connections[using].connection.close()

    def turn_until_lost(actor):
        with pytest.raises(DisconnectedError) as gone:
            worker._turn(actor)
        actor.recover(worker.hands, gone.value, restarted=worker.hands.reopen())

    with receiving(does, retry=MUCH_LATER, **mode) as clerk, bench("postgres") as worker:
        send_keyed("postgres", "b1", "a1", "a2", "a3", "b2")
        actor = worker.take()
        worker.do(turn_until_lost, actor)
        assert deliveries("postgres") == []
        worker.turns(actor)
    assert clerk.notes == ["b1", "a1", "a2", "b1", "a1", "b2"]
    assert visits("postgres") == ["b1", "a1", "b2"]
    assert notes_by_state("postgres") == {"retrying": ["a2"], "held": ["a3"]}
    assert deliveries("postgres", "kills", "attempts") == [(1, 0), (0, 0)]


@pytest.mark.parametrize("mode", [{}, {"batch": 1}, {"batch": 5}], ids=["shared", "one", "batch"])
@pytest.mark.parametrize("is_done", [True, False], ids=["committed", "not committed"])
def test_a_commit_whose_answer_is_lost_neither_repeats_nor_loses_anything(mode, is_done):
    with receiving(write, **mode), bench("postgres") as worker:
        send("postgres", "one", "two")
        actor = worker.take()

        def lose_the_answer(connection, *given, **named):
            del actor.owned.move  # the next one goes well
            if is_done:
                actor.owned.move(connection, *given, **named)
                assert connection.connection.info.transaction_status is TransactionStatus.IDLE
            connection.connection.close()
            raise OperationalError("the connection is lost")

        def turn_until_lost():
            actor.owned.move = lose_the_answer
            with pytest.raises(DisconnectedError) as gone:
                worker._turn(actor)
            actor.recover(worker.hands, gone.value, restarted=worker.hands.reopen())
            while worker._turn(actor):
                pass

        worker.do(turn_until_lost)
        make_due("postgres")  # one that was committed alone is blamed for a loss that came before its commit
        worker.turns(actor)
    assert sorted(visits("postgres")) == ["one", "two"]
    assert deliveries("postgres") == []
