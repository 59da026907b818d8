"""A server that comes back without its latest commits, as after a failover, while a worker remembers them."""

import threading
import time
from contextlib import closing
from functools import partial

import pytest
from conformance.databases import COMMITTING
from conformance.deliveries import (
    CLERK,
    DEADLINE,
    MUCH_LATER,
    bench,
    deliveries,
    eventually,
    partition,
    receiving,
    send,
    swap_with_the_next,
    working,
    write,
)
from conformance.visits import visits
from django.db import connections, transaction
from servers import POSTGRES_REMEDY, missing

from heliograph.delivery.session.own import open_session
from heliograph.delivery.worker import actor as actors
from heliograph.delivery.worker.attempts import DisconnectedError
from heliograph.models import Event, Partition, Position, SequencerStep

SECOND = "gallery.second"

pytestmark = COMMITTING


@pytest.fixture(autouse=True)
def need_postgresql():
    if "postgres" not in connections:
        missing("No PostgreSQL server answers", POSTGRES_REMEDY)


def lose_commits(position):
    """Take away all that was committed behind a position."""
    with transaction.atomic(using="postgres"):
        lost = Position.objects.using("postgres").filter(position__gt=position)
        Event.objects.using("postgres").filter(pk__in=list(lost.values_list("event_id", flat=True))).delete()
        lost.delete()
        SequencerStep.objects.using("postgres").filter(last_position__gt=position).delete()
        Partition.objects.using("postgres").filter(position__gt=position).update(position=position)


def end_sessions():
    """End all sessions but this one."""
    with connections["postgres"].cursor() as cursor:
        cursor.execute(
            "select pg_terminate_backend(pid, 10000) from pg_stat_activity "
            "where datname = current_database() and pid <> pg_backend_pid() and backend_type = 'client backend'"
        )


def end_session(connection):
    """End a session, as its server would that crashes."""
    pid = connection.connection.info.backend_pid
    with closing(open_session("postgres", own_statements=True)) as session, session.cursor() as cursor:
        cursor.execute("select pg_terminate_backend(%s, 10000)", [pid])


def first_position():
    return Position.objects.using("postgres").order_by("position").values_list("position", flat=True)[0]


def fail_over(station, position):
    """Take away what was committed behind a position, while no session is open; return what lets the station begin."""

    def wait(_):
        waiting.set()
        begin.wait(DEADLINE)

    waiting, begin = threading.Event(), threading.Event()
    station._back_off.wait = wait
    end_sessions()
    assert waiting.wait(DEADLINE)
    lose_commits(position)
    return begin.set


def test_what_comes_in_the_place_of_lost_events_is_delivered():
    with receiving(write) as clerk, working("postgres") as station:
        send("postgres", "one", "two", "three")
        eventually(lambda: len(visits("postgres")) == 3)
        eventually(lambda: partition("postgres").position == first_position() + 2)
        fail_over(station, first_position())()
        send("postgres", "four")
        eventually(lambda: "four" in visits("postgres"))
    assert clerk.notes == ["one", "two", "three", "four"]


def test_what_comes_in_the_place_of_lost_events_is_delivered_to_all():
    with receiving(write) as clerk, receiving(write, name=SECOND) as second, working("postgres"):
        send("postgres", "one", "two", "three")
        eventually(lambda: len(visits("postgres")) == 6)
        eventually(lambda: Partition.objects.using("postgres").filter(position=first_position() + 2).count() == 2)
        lose_commits(first_position())
        end_sessions()
        send("postgres", "four")
        eventually(lambda: visits("postgres").count("four") == 2)
    assert clerk.notes == second.notes == ["one", "two", "three", "four"]


def test_a_position_that_was_seen_before_is_none_that_the_log_has_come_to(monkeypatch):
    def does(note, using, **_):
        write(note, using)
        if note == "three":
            begun.set()
            assert release.wait(DEADLINE)

    begun, release = threading.Event(), threading.Event()
    with receiving(does, batch=1) as clerk, working("postgres") as station:
        send("postgres", "one", "two", "three")
        assert begun.wait(DEADLINE)
        (runner,) = station._runners
        (actor,) = station._ownership.actors.values()
        opened_at = runner.hands.opened_at
        monkeypatch.setattr(actors, "_FAR", 0)  # what was looked through is written down at once
        begin = fail_over(station, first_position())
        release.set()
        eventually(lambda: runner.hands.opened_at > opened_at and station._turns.is_idle(actor))
        begin()
        send("postgres", "four", "five")
        eventually(lambda: clerk.notes[-1] == "five")
    assert clerk.notes == ["one", "two", "three", "four", "five"]
    assert deliveries("postgres") == []


def test_who_has_lost_a_session_goes_on_without_further_news():
    def does(note, using, **_):
        write(note, using)
        if note == "two":
            assert release.wait(DEADLINE)
            connections[using].connection.close()

    release = threading.Event()
    with receiving(does, batch=1, retry=MUCH_LATER) as clerk, working("postgres") as station:
        send("postgres", "one", "two", "three")
        eventually(lambda: Position.objects.using("postgres").filter(position=station._last_position).exists())
        eventually(lambda: station._last_position == first_position() + 2)
        eventually(lambda: time.monotonic() > station._close_until)  # it looks but rarely from here on
        release.set()
        eventually(lambda: clerk.notes[-1:] == ["three"])
    assert visits("postgres") == ["one", "three"]


def test_a_server_with_less_that_a_pooler_has_put_behind_the_sessions_is_noticed():
    with receiving(write) as clerk, working("postgres"):
        send("postgres", "one", "two", "three")
        eventually(lambda: len(visits("postgres")) == 3)
        eventually(lambda: partition("postgres").position == first_position() + 2)
        lose_commits(first_position())
        send("postgres", "four")
        eventually(lambda: "four" in visits("postgres"))
    assert clerk.notes == ["one", "two", "three", "four"]


@pytest.mark.parametrize(
    ("mode", "told"),
    [({"atomic": False}, ["one", "one", "two"]), ({"batch": 1}, ["one", "two"])],
    ids=["outside a transaction", "in a hook"],
)
@pytest.mark.parametrize("is_cut", [True, False], ids=["line cut", "line silent"])
def test_a_receiver_that_connects_anew_may_have_met_another_server(mode, told, is_cut):
    def reconnect(using):
        if is_cut:
            end_session(worker.hands.own)
        else:
            worker.hands.server_started -= 1
        connections[using].close()

    def does(note, using, **_):
        write(note, using)
        if clerk.notes == ["one"]:
            transaction.on_commit(partial(reconnect, using), using=using)  # at once outside of a transaction

    def turn_until_lost():
        with pytest.raises(DisconnectedError) as gone:
            worker._turn(actor)
        actor.recover(worker.hands, gone.value, restarted=worker.hands.reopen())

    with receiving(does, **mode) as clerk, bench("postgres") as worker:
        send("postgres", "one", "two")
        actor = worker.take()
        worker.do(turn_until_lost)
        worker.turns(actor)
    assert clerk.notes == told
    assert deliveries("postgres") == []


def test_an_attempt_that_has_ended_is_held_against_no_other_event_in_its_place():
    def does(note, using, **_):
        write(note, using)
        if clerk.notes == ["one"]:
            connections[using].connection.close()

    def turn_until_lost():
        with pytest.raises(DisconnectedError) as gone:
            worker._turn(actor)
        actor.recover(worker.hands, gone.value, restarted=worker.hands.reopen())

    with receiving(does, batch=1) as clerk, bench("postgres") as worker:
        send("postgres", "one", "two")
        actor = worker.take()
        worker.do(turn_until_lost)
        swap_with_the_next("postgres", first_position())
        worker.turns(actor)
    assert visits("postgres") == ["two", "one"]
    assert deliveries("postgres") == []


def test_a_position_from_before_the_session_is_not_handed_back():
    with receiving(write), bench("postgres") as worker:
        send("postgres", "one", "two")
        actor = worker.take()
        worker.turns(actor)
        before = first_position()
        Partition.objects.using("postgres").update(position=before)
        worker.do(lambda: actor.hand_back(worker.hands.own, time.monotonic()))
        assert partition("postgres", name=CLERK).position == before
        actor = worker.take()
        worker.turns(actor)
    assert visits("postgres") == ["one", "two", "two"]
