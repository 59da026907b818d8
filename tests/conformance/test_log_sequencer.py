"""The sequencer of PostgreSQL: every committed event gets one position, whatever order transactions end in."""

import threading

import pytest
from conformance.databases import COMMITTING
from conformance.logs import DEADLINE, HOLD_THE_LOCK, payloads, sequence, sessions
from django.conf import settings
from django.db import DatabaseError
from servers import POSTGRES_REMEDY, missing

pytestmark = COMMITTING


@pytest.fixture
def session():
    if "postgres" not in settings.DATABASES:
        missing("No PostgreSQL server answers", POSTGRES_REMEDY)
    with sessions("postgres") as session:
        yield session


@pytest.fixture
def log(session):
    return session().log


def test_a_late_commit_gets_a_late_position(session, log):
    early, late = session(), session()
    late.begin()
    late.append(1)
    early.append(2)
    assert sequence(log) == 1
    assert payloads(log) == [2]
    late.commit()
    assert sequence(log) == 1
    assert payloads(log) == [2, 1]


def test_an_early_transaction_id_hides_nothing_that_is_written_late(session, log):
    early, other = session(), session()
    early.begin()
    early.execute("select pg_current_xact_id()")
    other.append(1)
    sequence(log)
    early.append(2)
    sequence(log)
    early.commit()
    other.append(3)
    sequence(log)
    assert payloads(log) == [1, 2, 3]


def test_within_a_step_events_follow_the_order_of_ids_and_not_that_of_transactions(session, log):
    # Both serialise on a lock: the younger transaction writes first, so the older one's event comes second.
    older, younger = session(), session()
    older.begin()
    older.execute("select pg_current_xact_id()")
    younger.append(1, key="same")
    older.append(2, key="same")
    older.commit()
    assert sequence(log) == 2
    assert payloads(log) == [1, 2]


def test_events_of_a_lost_savepoint_get_no_position(session, log):
    writer = session()
    writer.begin()
    writer.append(1)
    writer.execute("savepoint a")
    writer.append(2)
    writer.execute("rollback to savepoint a")
    writer.append(3)
    writer.execute("savepoint b")
    writer.append(4)
    writer.execute("release savepoint b")
    writer.commit()
    assert sequence(log) == 3
    assert payloads(log) == [1, 3, 4]


def test_positions_have_no_gaps(session, log):
    writers = [session() for _ in range(3)]
    for turn, writer in enumerate(writers * 4):
        writer.begin()
        writer.append(turn, 100 + turn)
        (writer.roll_back if turn % 3 == 2 else writer.commit)()
        sequence(log)
    found = writers[0].execute("select position from heliograph_position order by position")
    assert [position for (position,) in found] == list(range(1, 17))


def test_nothing_new_writes_nothing(session, log):
    session().append(1)
    sequence(log)
    with session().connection.cursor() as cursor:
        # In one message they are one transaction: who writes has an id.
        cursor.execute("select heliograph_sequence(); select pg_current_xact_id_if_assigned()::text")
        assert cursor.fetchall() == [(0,)]
        assert cursor.nextset()
        assert cursor.fetchall() == [(None,)]
    assert session().execute("select count(*) from heliograph_sequencerstep") == [(1,)]


def test_a_step_is_on_the_disk_when_it_is_seen(session, log):
    stepping = session()
    sequence(log)
    for _ in range(3):
        session().append(1)
        with stepping.connection.cursor() as cursor:
            cursor.execute("select heliograph_sequence(); select pg_current_wal_insert_lsn()")
            assert cursor.fetchall() == [(1,)]
            cursor.nextset()
            ((written,),) = cursor.fetchall()
            cursor.execute("select pg_current_wal_flush_lsn() >= %s::pg_lsn", [written])
            assert cursor.fetchall() == [(True,)]


def test_one_session_at_a_time_takes_a_step(session, log):
    session().append(1)
    holder = session()
    holder.begin()
    holder.execute(HOLD_THE_LOCK)
    assert log.sequence() is None
    holder.roll_back()
    assert log.sequence() == 1


def test_steps_taken_at_once_lose_nothing_and_repeat_nothing(session):
    rounds, writers = 150, 3
    stop = threading.Event()
    failures = []

    def run(work):
        def guarded():
            try:
                work()
            except BaseException as error:  # noqa: BLE001 - raised below, in the thread of the test
                failures.append(error)
                stop.set()

        return threading.Thread(target=guarded)

    def write(number):
        writer = session()
        for turn in range(rounds):
            writer.begin()
            writer.append(number * rounds + turn)
            (writer.roll_back if turn % 5 == 0 else writer.commit)()

    def step():
        log = session().log
        while not stop.is_set():
            log.sequence()

    steppers = [run(step) for _ in range(3)]
    producing = [run(lambda number=number: write(number)) for number in range(writers)]
    for thread in steppers + producing:
        thread.start()
    for thread in producing:
        thread.join(DEADLINE)
    stop.set()
    for thread in steppers:
        thread.join(DEADLINE)
    if failures:
        raise failures[0]
    log = session().log
    sequence(log)
    expected = [each for each in range(rounds * writers) if each % rounds % 5]
    assert sorted(payloads(log, limit=10_000)) == expected
    for number in range(writers):
        own = [each for each in payloads(log, limit=10_000) if each // rounds == number]
        assert own == sorted(own)


def test_a_step_is_refused_inside_a_transaction(session):
    stepping = session()
    stepping.begin()
    stepping.execute("select 1")
    with pytest.raises(DatabaseError, match="transaction of its own"):
        stepping.log.sequence()
    stepping.roll_back()
    stepping.begin()
    stepping.append(1)
    with pytest.raises(DatabaseError, match="transaction of its own"):
        stepping.log.sequence()
    stepping.roll_back()


def test_a_step_is_refused_above_read_committed(session):
    stepping = session()
    stepping.execute("set default_transaction_isolation = 'repeatable read'")
    with pytest.raises(DatabaseError, match="READ COMMITTED"):
        stepping.log.sequence()


def test_a_step_costs_no_more_while_an_old_transaction_is_open(session, log):
    old, writer = session(), session()
    old.begin()
    old.append(0)
    sequence(log)
    for turn in range(1, 4):
        writer.append(*range(turn * 1000, turn * 1000 + 500))
        assert sequence(log) == 500
    plan = writer.execute(
        """explain (analyze, format json) select id from heliograph_event, (select low from heliograph_sequencerstep
           order by id desc limit 1) step where xid >= pg_snapshot_xmax(low)
           and pg_visible_in_snapshot(xid, pg_current_snapshot())"""
    )
    assert plan[0][0][0]["Plan"]["Actual Rows"] == 0
    old.commit()
    assert sequence(log) == 1
    assert payloads(log, limit=10_000)[-1] == 0


def test_the_step_after_a_flush_begins_anew(session, log):
    session().append(1, 2)
    sequence(log)
    session().execute("truncate heliograph_event, heliograph_position, heliograph_sequencerstep")
    session().append(3)
    assert sequence(log) == 1
    assert (payloads(log), log.last_position()) == ([3], 1)


@pytest.mark.parametrize("sign", ["another cluster", "transaction ids from the future"])
def test_in_another_cluster_the_events_without_a_position_follow_once(session, log, sign):
    writer = session()
    writer.append(1, 2)
    sequence(log)
    writer.append(3)
    # As a dump finds them in a younger cluster: ids of transactions that are still to come there.
    writer.execute("update heliograph_event set xid = (xid::text::bigint + 1000)::text::xid8")
    if sign == "another cluster":
        writer.execute("update heliograph_sequencerstep set cluster = 1")
    else:
        writer.execute("update heliograph_sequencerstep set low = '90000000:90000000:'")
    writer.append(4)
    assert sequence(log) == 2
    assert payloads(log) == [1, 2, 3, 4]
    # The ids of old events come to pass; a step that went by them would give those events a second position.
    for number in range(5, 1105):
        writer.append(number)
    assert sequence(log) == 1100
    assert payloads(log, limit=10_000) == list(range(1, 1105))


def test_marks_that_are_gone_tell_nothing(session, log):
    session().append(1)
    sequence(log)
    mark = log.news(None).mark
    session().append(2)
    sequence(log)
    session().execute("delete from heliograph_sequencerstep where id = %s", [mark])
    assert log.news(mark).signals is None
    assert log.news(10**9).signals is None


def test_a_snapshot_taken_after_a_write_would_lose_events(session, log):
    """Why a step refuses to run in a transaction that has written: such a snapshot takes it for finished."""
    stepping, other = session(), session()
    stepping.begin()
    stepping.execute("select pg_current_xact_id()")
    other.append(1)
    ((high,),) = stepping.execute("select pg_current_snapshot()::text")
    stepping.append(2)
    stepping.commit()
    unseen = "select count(*) from heliograph_event where not pg_visible_in_snapshot(xid, %s::pg_snapshot)"
    assert stepping.execute(unseen, [high]) == [(0,)]  # the second event is taken for one that has been seen
    assert sequence(log) == 2
