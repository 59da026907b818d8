"""The event log: what is appended, in which order it is read, and by whom."""

import itertools
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from conformance.databases import COMMITTING
from conformance.logs import END, payloads, recording, sequence, sessions

from heliograph.events.keys import key_hash
from heliograph.log.entries import ALL, Share

pytestmark = COMMITTING


@pytest.fixture
def session(lasting_alias):
    with sessions(lasting_alias) as session:
        yield session


@pytest.fixture
def log(session):
    return session().log


def test_an_event_comes_back_as_it_was_appended(log):
    sent = recording("1", key="store.Order:5", headers='{"hops": 1}')
    log.append([sent])
    sequence(log)
    (entry,) = log.read([1], after=0, until=END, limit=10, share=ALL)
    assert (entry.uuid, entry.signal, entry.sender, entry.key) == (sent.uuid, 1, None, "store.Order:5")
    assert (json.loads(entry.payload), json.loads(entry.headers)) == (1, {"hops": 1})
    assert abs(datetime.now(UTC) - entry.sent_at) < timedelta(minutes=1)
    assert entry.sent_at.tzinfo is UTC


def test_several_events_are_appended_in_their_order(log):
    log.append([recording(number) for number in range(50)])
    assert sequence(log) in (50, 0)
    assert payloads(log) == list(range(50))


def test_nothing_is_appended_for_no_events(log):
    before = log.last_position()
    log.append([])
    sequence(log)
    assert payloads(log) == []
    assert log.last_position() == before


def test_how_many_are_appended_is_told(log):
    assert log.append([]) == 0
    assert log.append([recording(1)]) == 1
    assert log.append([recording(1), recording(2)]) == 2


@pytest.mark.parametrize("count", [1, 3])
def test_checked_events_are_appended_in_their_order_while_their_signal_has_a_number(session, log, count):
    number = log.signals(["store.order_created"])["store.order_created"]
    sent = [recording(each, signal=number, key="a") for each in range(count)]
    assert log.append(sent, checked=True) == count
    session().execute("delete from heliograph_signalname")
    assert log.append(sent, checked=True) == 0
    sequence(log)
    assert payloads(log, signals=[number]) == list(range(count))


def test_a_payload_keeps_what_databases_refuse_in_text(log):
    odd = json.dumps({"text": "a\x00b \ud800 'quoted' \\ %s é"})
    log.append([recording(odd)])
    log.append([recording(odd), recording(odd)])
    sequence(log)
    entries = log.read([1], after=0, until=END, limit=10, share=ALL)
    assert [json.loads(entry.payload) for entry in entries] == [json.loads(odd)] * 3


def test_an_event_that_is_rolled_back_is_not_in_the_log(session, log):
    writer = session()
    writer.begin()
    writer.append(1)
    writer.roll_back()
    writer.append(2)
    sequence(log)
    assert payloads(log) == [2]


def test_an_event_is_read_once_its_transaction_has_committed(session, log):
    writer = session()
    writer.begin()
    writer.append(1)
    sequence(log)
    assert payloads(log) == []
    writer.commit()
    sequence(log)
    assert payloads(log) == [1]


def test_a_reader_gets_the_signals_that_it_asks_for_in_one_order(log):
    for number, signal in enumerate([1, 2, 3, 2, 1, 3, 1]):
        log.append([recording(number, signal=signal)])
    sequence(log)
    assert payloads(log, signals=[1, 3]) == [0, 2, 4, 5, 6]
    assert payloads(log, signals=[2]) == [1, 3]
    assert payloads(log, signals=[1, 3], limit=3) == [0, 2, 4]
    assert payloads(log, signals=[]) == []


def test_a_reader_goes_on_behind_a_position_and_no_further_than_another(log):
    log.append([recording(number) for number in range(10)])
    sequence(log)
    places = [entry.position for entry in log.read([1], after=0, until=END, limit=100, share=ALL)]
    assert payloads(log, after=places[2]) == [3, 4, 5, 6, 7, 8, 9]
    assert payloads(log, after=places[2], until=places[5]) == [3, 4, 5]
    assert log.last_position() == places[-1]


def test_shares_hold_every_event_once_and_all_of_a_key_together(log):
    log.append([recording(number, key=f"key {number % 7}" if number % 8 else None) for number in range(100)])
    sequence(log)
    shares = [payloads(log, share=Share(number=number, count=3)) for number in range(3)]
    assert sorted(itertools.chain(*shares)) == list(range(100))
    for number, share in enumerate(shares):
        keys = {each % 7 for each in share if each % 8}
        assert keys == {key for key in range(7) if key_hash(f"key {key}") % 3 == number}
    assert all(any(each % 8 == 0 for each in share) for share in shares)


def test_shares_by_position_take_no_notice_of_keys(log):
    log.append([recording(number, key="always the same") for number in range(9)])
    sequence(log)
    shares = [payloads(log, share=Share(number=number, count=3, by_key=False)) for number in range(3)]
    assert sorted(map(len, shares)) == [3, 3, 3]


def test_events_are_found_again_by_number(log):
    log.append([recording(number, signal=number) for number in range(1, 5)])
    sequence(log)
    entries = log.read([1, 2, 3, 4], after=0, until=END, limit=100, share=ALL)
    wanted = {entry.number: entry.position for entry in entries[1:3]}
    assert log.entries(wanted) == entries[1:3]
    assert log.entries({10_000: 10_000}) == []


def test_signals_get_numbers_that_stay(session, log):
    numbers = log.signals(["store.order_created", "django.db.models.signals.post_save"])
    assert len(set(numbers.values())) == 2
    assert session().log.signals(["store.order_created"]) == {"store.order_created": numbers["store.order_created"]}
    more = log.signals(["store.order_created", "store.another"])
    assert more["store.order_created"] == numbers["store.order_created"]
    assert more["store.another"] not in numbers.values()
    assert log.signals([]) == {}


def test_news_tell_which_signals_have_events_since_the_last_look(session, log):
    first = log.news(None)
    assert (first.signals, first.last_position) == (None, log.last_position())
    for signal in (4, 5, 4):
        log.append([recording(0, signal=signal)])
    sequence(log)
    second = log.news(first.mark)
    assert second.last_position == log.last_position() > first.last_position
    assert second.signals in (None, {4, 5})
    log.append([recording(0, signal=6)])
    sequence(log)
    third = log.news(second.mark)
    assert third.signals == {6}
    assert log.news(third.mark) == replace(third, signals=frozenset())


def test_positions_are_not_used_again_when_events_are_pruned(session, log):
    log.append([recording(number) for number in range(3)])
    sequence(log)
    before = log.last_position()
    session().execute("delete from heliograph_event")
    assert log.last_position() == before
    log.append([recording(3)])
    sequence(log)
    assert log.last_position() > before
