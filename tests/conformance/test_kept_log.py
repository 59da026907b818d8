"""What the log keeps at its edges: keys beyond the first step, statements sent together, places in order."""

import json
from dataclasses import replace

import pytest
from conformance.databases import COMMITTING
from conformance.logs import END, HOLD_THE_LOCK, payloads, recording, sequence, sessions
from django.conf import settings
from django.db import DatabaseError, connections
from servers import POSTGRES_REMEDY, missing

from heliograph.events.keys import key_hash
from heliograph.log.entries import ALL, Share
from heliograph.log.log import log_of

pytestmark = COMMITTING


@pytest.fixture
def log(lasting_alias):
    return log_of(connections[lasting_alias])


@pytest.fixture
def stepping():
    """A session with the database that has a sequencer."""
    if "postgres" not in settings.DATABASES:
        missing("No PostgreSQL server answers", POSTGRES_REMEDY)
    with sessions("postgres") as session:
        yield session()


def test_every_step_puts_the_events_of_a_key_into_one_share(log):
    for number in range(6):
        log.append([recording(number, key="order 7")])
        sequence(log)
    assert payloads(log, share=Share(number=key_hash("order 7") % 3, count=3)) == list(range(6))


def test_a_step_like_any_other_follows_the_order_of_ids_and_not_that_of_transactions(stepping):
    """The first step of all has a statement of its own."""
    stepping.append(0)
    sequence(stepping.log)
    with sessions("postgres") as session:
        older = session()
        older.begin()
        older.execute("select pg_current_xact_id()")
        stepping.append(1, key="same")
        older.append(2, key="same")
        older.commit()
    assert sequence(stepping.log) == 2
    assert payloads(stepping.log) == [0, 1, 2]


def test_a_step_is_refused_beside_a_write_in_one_message(stepping):
    """Statements of one message share their time: the write alone tells that the step is not by itself."""
    write = "insert into heliograph_event (uuid, signal_id, payload) values (gen_random_uuid(), 1, '7')"
    with pytest.raises(DatabaseError, match="transaction of its own"):
        stepping.execute(f"{write}; select heliograph_sequence()")
    assert stepping.execute("select count(*) from heliograph_event") == [(0,)]


def test_events_found_by_number_come_in_the_order_of_their_positions(log):
    log.append([recording(number) for number in range(3)])
    sequence(log)
    first, _, last = log.read([1], after=0, until=END, limit=9, share=ALL)
    if connections[log._connection.alias].vendor == "postgresql":  # elsewhere the number is the position
        found = log.entries({first.number: 900, last.number: 800})
        assert [(each.position, json.loads(each.payload)) for each in found] == [(800, 2), (900, 0)]


def test_the_time_of_sending_is_not_that_of_the_transactions_beginning(stepping):
    stepping.begin()
    stepping.execute("select 1")
    ((begun,),) = stepping.execute("select now()")
    stepping.append(1)
    stepping.commit()
    assert stepping.execute("select sent_at > %s from heliograph_event", [begun]) == [(True,)]


def test_the_first_step_in_another_cluster_tells_whose_news_it_brings(stepping):
    stepping.append(1)
    sequence(stepping.log)
    mark = stepping.log.news(None).mark
    stepping.append(2, signal=5)
    stepping.execute("update heliograph_sequencerstep set cluster = 1")
    assert sequence(stepping.log) == 1
    assert stepping.log.news(mark).signals == {5}


def test_after_many_steps_the_news_are_that_anybody_may_have_some(stepping):
    stepping.append(0)
    sequence(stepping.log)
    mark = stepping.log.news(None).mark
    steps = """
        insert into heliograph_sequencerstep (last_position, low, signals, cluster)
        select last_position, low, '{4}', cluster
        from generate_series(1, %s) cross join (select * from heliograph_sequencerstep order by id desc limit 1) last
    """
    stepping.execute(steps, [999])
    assert stepping.log.news(mark).signals == {4}
    stepping.execute(steps, [1])
    assert stepping.log.news(mark).signals is None


def test_the_news_since_a_step_that_is_not_there_are_that_anybody_may_have_some(stepping):
    """It has been pruned, or the database has been put back to an earlier state."""
    stepping.append(0)
    sequence(stepping.log)
    mark = stepping.log.news(None).mark
    stepping.append(1, signal=4)
    assert stepping.log.news(mark - 1).signals is None
    assert stepping.log.news(mark + 9).signals is None


def test_in_a_log_without_events_nobody_has_news(log):
    first = log.news(None)
    assert log.news(first.mark) == replace(first, signals=frozenset())


def test_news_bring_a_step_and_tell_whether_it_could_be_taken(log):
    log.append([recording(0)])
    before = log.news(None)
    log.append([recording(1, signal=2)])
    news = log.news(before.mark)
    assert (news.signals, news.last_position, news.is_complete) == ({2}, before.last_position + 1, True)
    assert log.news(news.mark).signals == frozenset()


def test_news_beside_another_session_at_a_step_are_those_of_the_steps_before(stepping):
    stepping.append(0)
    sequence(stepping.log)
    mark = stepping.log.news(None).mark
    stepping.append(1, signal=5)
    with sessions("postgres") as session:
        holder = session()
        holder.begin()
        holder.execute(HOLD_THE_LOCK)
        news = stepping.log.news(mark)
        assert (news.mark, news.signals, news.last_position, news.is_complete) == (mark, frozenset(), 1, False)
        holder.roll_back()
        news = stepping.log.news(mark)
        assert (news.signals, news.last_position, news.is_complete) == ({5}, 2, True)


def test_a_step_does_not_read_the_table_from_one_end_to_the_other(stepping):
    ((configured,),) = stepping.execute("select proconfig from pg_proc where proname = 'heliograph_sequence'")
    assert "enable_seqscan=off" in configured
