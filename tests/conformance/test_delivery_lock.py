"""SQLite's one lock, which a worker leaves free between its transactions for as long as it held it."""

import threading
import time

import pytest
from conformance.databases import COMMITTING
from conformance.deliveries import MUCH_LATER, bench, deliveries, make_due, receiving, send
from conformance.logs import Session
from conformance.visits import visit, visits

pytestmark = COMMITTING

HELD_SECONDS = 0.01


class Stop(threading.Event):
    """A worker's event to stop: while the worker waits for it, somebody else writes."""

    def __init__(self, alias):
        super().__init__()
        self.other = Session(alias)
        self.other.execute("pragma busy_timeout = 0")
        self.rests = []

    def wait(self, timeout=None):
        self.rests.append(timeout)
        self.other.execute("insert into gallery_visit (note) values ('from outside')")
        return self.is_set()


@pytest.fixture
def worker():
    with bench("archive") as worker:
        stop = worker.hands.stop = Stop("archive")
        yield worker
        stop.other.close()


def slow(note, using, **_):
    visit(using, note)
    time.sleep(HELD_SECONDS)


def test_between_transactions_of_a_page(worker):
    with receiving(slow, batch=1):
        send("archive", "one", "two", "three")
        worker.turns(worker.take())
    assert visits("archive") == ["one", "from outside", "two", "from outside", "three"]
    assert min(worker.hands.stop.rests) >= HELD_SECONDS


def test_between_due_deliveries(worker):
    def does(note, using, **_):
        slow(note, using)
        if len(clerk.calls) <= 3:
            raise ValueError("first")

    with receiving(does, retry=MUCH_LATER) as clerk:
        send("archive", "one", "two", "three")
        actor = worker.take()
        worker.turns(actor)
        make_due("archive")
        worker.hands.stop.rests.clear()
        before = len(visits("archive"))
        worker.turns(actor)
    assert visits("archive")[before:] == ["one", "from outside", "two", "from outside", "three", "from outside"]
    assert min(worker.hands.stop.rests) >= HELD_SECONDS
    assert deliveries("archive") == []
