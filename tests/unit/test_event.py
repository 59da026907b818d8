"""The event, its id, and the one that is handled now."""

import dataclasses
import os
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime

import pytest
from conformance.recordings import being_handled

from heliograph.errors import NoCurrentEventError
from heliograph.events import ids
from heliograph.events.current import current_event
from heliograph.events.event import Event
from heliograph.events.ids import uuid7


def an_event(signal="shop.opened"):
    return Event(
        id=uuid7(),
        signal=signal,
        sender=None,
        key=None,
        payload={},
        headers={},
        sent_at=datetime(2026, 3, 1, tzinfo=UTC),
        alias="default",
    )


def test_an_event_is_a_value():
    event = an_event()
    assert event.position is None
    with pytest.raises(dataclasses.FrozenInstanceError):
        event.position = 1
    assert dataclasses.replace(event, position=3).position == 3


def test_an_id_is_a_uuid_of_version_7_that_holds_the_time():
    before = time.time_ns() // 1_000_000
    made = uuid7()
    assert made.version == 7
    assert made.variant == "specified in RFC 4122"
    assert before <= made.int >> 80 <= time.time_ns() // 1_000_000 + 1


def test_each_id_is_greater_than_those_before_it():
    made = [uuid7() for _ in range(20_000)]
    assert sorted(set(made)) == made


def test_also_when_the_clock_is_set_back(monkeypatch):
    first = uuid7()
    monkeypatch.setattr(time, "time_ns", lambda: 1_000_000)
    assert first < uuid7() < uuid7()


def test_also_when_the_counter_is_used_up(monkeypatch):
    monkeypatch.setattr(time, "time_ns", lambda: 4_000_000_000_000_000_000)
    monkeypatch.setattr(ids, "_clock", ids._Clock())
    first = uuid7()
    ids._clock.counter = 2**42 - 2
    last, over = uuid7(), uuid7()
    assert first < last < over
    assert (last.int >> 80) + 1 == over.int >> 80
    assert over.version == 7


def test_also_when_threads_make_them_at_once():
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        with ThreadPoolExecutor(8) as pool:
            batches = list(pool.map(lambda _: [uuid7() for _ in range(2000)], range(8)))
    finally:
        sys.setswitchinterval(interval)
    assert all(sorted(batch) == batch for batch in batches)
    assert len({made for batch in batches for made in batch}) == 16_000


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
@pytest.mark.filterwarnings("ignore:.*multi-threaded.*:DeprecationWarning")
def test_a_forked_process_has_a_counter_of_its_own_and_a_free_lock():
    reading, writing = os.pipe()
    with ids._clock.lock:
        counter = ids._clock.counter
        if (child := os.fork()) == 0:
            os.write(writing, b"%d" % ids._clock.counter)
            os.write(writing, b" %s" % str(uuid7()).encode())
            os._exit(0)
    os.waitpid(child, 0)
    seen, made = os.read(reading, 100).split()
    os.close(reading), os.close(writing)
    assert int(seen) == 0 != counter
    assert made.decode() != str(uuid7())


def test_outside_a_durable_receiver_there_is_no_current_event():
    with pytest.raises(NoCurrentEventError, match="durable=True"):
        current_event()
    assert issubclass(NoCurrentEventError, RuntimeError)


def test_the_current_event_is_the_innermost_and_ends_with_its_block():
    outer, inner = an_event(), an_event("shop.closed")
    with being_handled(outer):
        assert current_event() is outer
        with suppress(ValueError), being_handled(inner):
            assert current_event() is inner
            raise ValueError
        assert current_event() is outer
    with pytest.raises(NoCurrentEventError):
        current_event()


def test_another_thread_has_its_own():
    found = []

    def look():
        with pytest.raises(NoCurrentEventError):
            current_event()
        found.append(True)

    with being_handled(an_event()):
        thread = threading.Thread(target=look)
        thread.start()
        thread.join()
    assert found == [True]
