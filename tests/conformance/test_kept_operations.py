"""What the operator's verbs keep at their edges: who is woken, whose transaction it is, what changes underneath."""

import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager

import pytest
from conformance.databases import COMMITTING
from conformance.desk import NAME, Desk, declare
from conformance.logs import DEADLINE, sessions
from django.db import OperationalError, connections, transaction
from django.db.models.signals import post_delete, pre_delete

from heliograph.delivery.operate import databases, letters, replaying
from heliograph.delivery.operate.changing import changing
from heliograph.delivery.operate.dropping import drop
from heliograph.delivery.operate.letters import reject, retry
from heliograph.delivery.operate.pausing import pause, resume
from heliograph.delivery.operate.replaying import Chosen, replay
from heliograph.delivery.operate.status import status
from heliograph.delivery.recording.wake import woken
from heliograph.models import Delivery, Partition, Subscription

pytestmark = COMMITTING


@pytest.fixture
def alias(lasting_alias):
    return lasting_alias


@pytest.fixture
def desk(alias):
    return Desk(alias)


@pytest.mark.parametrize("verb", ["retry", "reject", "replay", "resume"])
def test_workers_are_woken_by_what_gives_them_work(desk, alias, verb):
    subscription = desk.subscribe()
    letter = desk.deliver(subscription, *desk.send("a"), "dead", key="a")
    desk.pass_all(subscription)
    Subscription.objects.using(alias).update(paused=verb == "resume")
    with woken(alias) as news:
        {
            "retry": lambda: retry(alias, ids=[letter.pk]),
            "reject": lambda: reject(alias, [letter.pk]),
            "replay": lambda: replay(alias, NAME, Chosen()),
            "resume": lambda: resume(alias, NAME),
        }[verb]()
        assert news.is_set()


def test_within_a_transaction_of_the_caller_its_isolation_level_stays(server):
    server.subscribe()
    with transaction.atomic(using="postgres"), connections["postgres"].cursor() as cursor:
        cursor.execute("set transaction isolation level repeatable read")
        cursor.execute("select 1")
        assert pause("postgres", NAME)
        cursor.execute("show transaction_isolation")
        assert cursor.fetchone() == ("repeatable read",)


def test_on_sqlite_a_change_takes_the_lock_before_it_reads(monkeypatch):
    """Whoever has read already may be refused the lock, whatever time it would wait."""
    connections["archive"].ensure_connection()
    monkeypatch.setattr(connections["archive"], "transaction_mode", "DEFERRED")
    with sessions("archive") as session, closing(session()) as other, changing("archive"):
        other.execute("pragma busy_timeout = 0")
        with pytest.raises(OperationalError, match="locked"):
            other.execute("begin immediate")


@pytest.mark.parametrize("state", ["running", "held"])
def test_what_an_owner_has_taken_on_meanwhile_is_not_tried_again(desk, alias, monkeypatch, state):
    subscription = desk.subscribe()
    delivery = desk.deliver(subscription, *desk.send("a"), "retrying", key="a")

    @contextmanager
    def too_late(alias):
        Delivery.objects.using(alias).update(state=state)
        with changing(alias) as connection:
            yield connection

    monkeypatch.setattr(letters, "changing", too_late)
    result = retry(alias, ids=[delivery.pk])
    assert (result.due, result.held) == (0, 0)
    assert list(desk.states(subscription).values()) == [state]
    assert desk.epochs(subscription) == [0]


@pytest.mark.parametrize("verb", ["retry", "replay"])
def test_a_dead_letter_that_waits_for_another_has_all_its_attempts_before_it(desk, alias, verb):
    subscription = desk.subscribe()
    first, second = desk.send("a", "a")
    desk.pass_all(subscription)
    desk.deliver(subscription, first, "retrying", key="a")
    letter = desk.deliver(subscription, second, "dead", key="a", attempts=12, kills=3, errors='["kept"]')
    retry(alias, ids=[letter.pk]) if verb == "retry" else replay(alias, NAME, Chosen())
    letter.refresh_from_db(using=alias)
    assert (letter.state, letter.attempts, letter.kills, letter.errors) == ("held", 0, 0, '["kept"]')


@pytest.mark.parametrize("verb", ["retry", "reject"])
def test_each_portion_is_a_transaction_of_its_own(desk, alias, monkeypatch, verb):
    monkeypatch.setattr("heliograph.delivery.operate.moving.CHUNK", 2)
    subscription = desk.subscribe()
    ids = [desk.deliver(subscription, position, "dead").pk for position in desk.send(*[None] * 5)]
    retry(alias, ids=ids) if verb == "retry" else reject(alias, ids)
    assert desk.epochs(subscription) == [3]


def test_djangos_signals_do_not_tell_of_what_operators_delete(desk, alias):
    subscription = desk.subscribe()
    letters = [desk.deliver(subscription, position, "dead", key="a").pk for position in desk.send("a", "a")]
    heard = []

    def hear(sender, **_):
        heard.append(sender)

    for signal in (pre_delete, post_delete):
        signal.connect(hear)
    try:
        reject(alias, letters[:1])
        drop(alias, NAME)
    finally:
        for signal in (pre_delete, post_delete):
            signal.disconnect(hear)
    assert (heard, Subscription.objects.using(alias).count()) == ([], 0)


def test_nothing_is_replayed_for_a_subscription_that_is_dropped_meanwhile(desk, alias, monkeypatch):
    subscription = desk.subscribe()
    desk.send("a")
    desk.pass_all(subscription)

    def hold_too_late(alias, subscription):
        Partition.objects.using(alias).all().delete()
        return []

    monkeypatch.setattr(replaying, "hold", hold_too_late)
    result = replay(alias, NAME, Chosen())
    assert (result.due, result.held) == (0, 0)
    assert desk.states(subscription) == {}


def test_a_dead_letter_that_holds_its_key_goes_first_when_it_is_replayed(desk, alias, monkeypatch):
    declare(monkeypatch, NAME, ordering="strict")
    subscription = desk.subscribe()
    first, second = desk.send("a", "a")
    desk.pass_all(subscription)
    desk.deliver(subscription, first, "dead", key="a", ordering="strict")
    desk.deliver(subscription, second, "held", key="a", ordering="strict")
    replay(alias, NAME, Chosen())
    assert (desk.due(subscription), desk.states(subscription)[second]) == ([first], "held")


@pytest.fixture
def session_of_the_test(server):
    """The session that the verbs use, as it was when the test is over."""
    connection = connections["postgres"]
    connection.ensure_connection()
    yield connection
    connection.close()


def test_in_a_transaction_begun_by_hand_a_look_takes_no_step(server, session_of_the_test):
    server.subscribe()
    session_of_the_test.set_autocommit(False)
    assert len(status("postgres").subscriptions) == 1
    session_of_the_test.rollback()


def test_who_may_only_read_can_look(server, session_of_the_test, caplog):
    server.subscribe()
    with session_of_the_test.cursor() as cursor:
        cursor.execute("set default_transaction_read_only = on")
    assert len(status("postgres").subscriptions) == 1
    assert "may be missing" in caplog.text


def test_a_database_that_cannot_be_asked_now_may_have_work(monkeypatch):
    def lacks(alias):
        raise OperationalError

    monkeypatch.setattr(databases, "_lacks", lacks)
    assert databases.databases_to_work_for() == list(connections)


#: A session of this database that waits for another.
WAITING = "select 1 from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()"


@contextmanager
def meanwhile(session, work):
    """Have something done in a thread that has to wait for what this block holds; give its future."""

    def run():
        try:
            return work()
        finally:
            connections.close_all()

    thread = ThreadPoolExecutor(1)
    future = thread.submit(run)
    try:
        deadline = time.monotonic() + DEADLINE
        while not session.execute(WAITING):
            assert not future.done(), "it does not wait"
            assert time.monotonic() < deadline, "it does not wait"
            time.sleep(0.01)
        yield future
        future.result(DEADLINE)
    finally:
        thread.shutdown(wait=False)  # what it waits for may be let go only behind this block


@pytest.mark.parametrize("verb", ["retry", "reject", "replay", "pause"])
def test_operators_take_their_turn_before_they_lock_a_partition(server, verb):
    subscription = server.subscribe()
    letter = server.deliver(subscription, *server.send("a"), "dead", key="a")
    server.pass_all(subscription)
    work = {
        "retry": lambda: retry("postgres", ids=[letter.pk]),
        "reject": lambda: reject("postgres", [letter.pk]),
        "replay": lambda: replay("postgres", NAME, Chosen()),
        "pause": lambda: pause("postgres", NAME),
    }[verb]
    with sessions("postgres") as session, closing(session()) as operator:
        watch = session()
        operator.begin()
        operator.execute("select 1 from heliograph_subscription where id = %s for no key update", [subscription.pk])
        with meanwhile(watch, work):
            assert operator.execute("select 1 from heliograph_partition for update nowait") == [(1,)]
            operator.commit()
    assert server.epochs(subscription) == [1]


def test_a_drop_takes_along_what_is_written_while_it_waits(server):
    subscription = server.subscribe()
    (position,) = server.send("a")
    with sessions("postgres") as session, closing(session()) as writer:
        watch = session()
        writer.begin()
        writer.execute("select 1 from heliograph_subscription where id = %s for key share", [subscription.pk])
        with meanwhile(watch, lambda: drop("postgres", NAME)) as dropping:
            writer.execute(
                "insert into heliograph_delivery "
                "(subscription_id, event_id, position, key, spread, state, attempts, kills, due_at, errors) "
                "values (%s, %s, %s, 'a', 0, 'retrying', 1, 0, now(), '[]')",
                [subscription.pk, position, position],
            )
            writer.commit()
        assert dropping.result().deliveries == 1
    assert (Subscription.objects.using("postgres").count(), Delivery.objects.using("postgres").count()) == (0, 0)
