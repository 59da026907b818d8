"""The hot statements keep to ranges of an index, also where the planner would rather not (PostgreSQL)."""

import pytest
from conformance.databases import COMMITTING
from conformance.logs import END, sequence, sessions
from django.conf import settings
from servers import POSTGRES_REMEDY, missing

from heliograph.delivery.sql import postgresql as delivery
from heliograph.log.entries import ALL, Share
from heliograph.log.postgresql import page

pytestmark = COMMITTING

EVENTS = 100_000


@pytest.fixture
def session():
    """Give a session with a database of many events, written in one transaction, half of which have a delivery."""
    if "postgres" not in settings.DATABASES:
        missing("No PostgreSQL server answers", POSTGRES_REMEDY)
    with sessions("postgres") as session:
        session = session()
        numbers = session.log.signals([f"test.signal_{number}" for number in range(20)])
        session.execute(
            """insert into heliograph_event (uuid, signal_id, key, payload)
               select gen_random_uuid(), %s + n %% 20, 'key ' || n %% 5000, '{}' from generate_series(1, %s) n""",
            [min(numbers.values()), EVENTS],
        )
        sequence(session.log)
        session.execute("insert into heliograph_subscription (name, paused, created_at) values ('a', false, now())")
        session.execute(
            """insert into heliograph_delivery
                   (subscription_id, event_id, position, key, spread, state, attempts, kills, due_at, errors)
               select s.id, n, n, 'key ' || n %% 5000, n, 'held', 0, 0, now(), '[]'
               from heliograph_subscription s, generate_series(1, %s) n""",
            [EVENTS // 2],
        )
        session.execute("analyze heliograph_event, heliograph_position, heliograph_delivery")
        session.signal = min(numbers.values())
        yield session


def nodes(plan):
    yield plan
    for inner in plan.get("Plans", []):
        yield from nodes(inner)


def read(session, statement, given=None):
    """Return the rows that a statement goes through, and the tables that it reads from one end to the other."""
    (((explained,),),) = [session.execute(f"explain (analyze, format json) {statement}", given)]
    found = list(nodes(explained[0]["Plan"]))
    whole = [each["Relation Name"] for each in found if each["Node Type"] == "Seq Scan"]
    return sum(each["Actual Rows"] * each["Actual Loops"] for each in found), whole


@pytest.mark.parametrize("share", [ALL, Share(number=3, count=8)], ids=["all", "one of 8 shares"])
@pytest.mark.parametrize("count", [1, 2])
def test_a_page_reads_no_more_than_its_events(session, share, count):
    signals = range(session.signal, session.signal + count)
    went_through, whole = read(session, page(signals, after=1000, until=END, limit=100, share=share))
    assert whole == []
    assert went_through < 1500


def test_what_stands_in_the_way_is_found_by_key(session):
    ((subscription,),) = session.execute("select id from heliograph_subscription where name = 'a'")
    given = {
        "subscription": subscription,
        "keys": [f"key {number}" for number in range(100)],
        "holding": ["retrying", "running", "held"],
    }
    went_through, whole = read(session, delivery.TROUBLE, given)
    assert whole == []
    assert went_through < 1500


def test_a_step_with_nothing_to_do_reads_next_to_nothing(session):
    def reads():
        session.execute("select pg_stat_force_next_flush()")
        session.execute("select pg_stat_clear_snapshot()")
        ((blocks,),) = session.execute(
            "select sum(seq_tup_read + idx_tup_fetch) from pg_stat_user_tables where relname = 'heliograph_event'"
        )
        return blocks

    before = reads()
    for _ in range(10):  # from the sixth on, PostgreSQL may use a plan made for any value
        assert sequence(session.log) == 0
    assert reads() == before


def test_a_step_is_not_compiled(session):
    ((configured,),) = session.execute("select proconfig from pg_proc where proname = 'heliograph_sequence'")
    assert "jit=off" in configured
