"""What the tests of the log share: sessions of their own, and events that are easy to tell apart."""

import contextlib
import time
from uuid import uuid4

from django.db import connections

from heliograph.log.entries import ALL, Recording
from heliograph.log.log import log_of

DEADLINE = 20
END = 2**62

#: Keeps other sessions from taking a step of the sequencer, until the end of the transaction.
HOLD_THE_LOCK = "select pg_advisory_xact_lock((7311::bigint << 32) | 'heliograph_position'::regclass::oid::bigint)"


class Session:
    """A session of its own with a database, whose transactions are begun and ended by hand."""

    def __init__(self, alias):
        self.connection = connections.create_connection(alias)
        self.connection.inc_thread_sharing()  # opened in one thread, closed in another
        self.log = log_of(self.connection)

    def execute(self, statement, given=None):
        with self.connection.cursor() as cursor:
            cursor.execute(statement, given)
            return cursor.fetchall() if cursor.description else None

    def begin(self):
        self.connection.set_autocommit(False)

    def commit(self):
        self.connection.commit()
        self.connection.set_autocommit(True)

    def roll_back(self):
        self.connection.rollback()
        self.connection.set_autocommit(True)

    def append(self, *payloads, key=None, signal=1):
        self.log.append([recording(payload, key=key, signal=signal) for payload in payloads])

    def close(self):
        self.connection.close()


@contextlib.contextmanager
def sessions(alias):
    """Give a function that opens sessions, which are closed at the end."""
    opened = []

    def session():
        opened.append(Session(alias))
        return opened[-1]

    try:
        yield session
    finally:
        for each in opened:
            each.close()


def recording(payload, *, key=None, signal=1, **more):
    """Return an event whose payload is one number."""
    return Recording(uuid=uuid4(), signal=signal, sender=None, key=key, payload=str(payload), **more)


def payloads(log, *, signals=(1,), after=0, until=END, limit=100, share=ALL):
    """Return the numbers in the events that a reader gets, in order."""
    entries = log.read(list(signals), after=after, until=until, limit=limit, share=share)
    return [int(entry.payload) for entry in entries]


def sequence(log):
    """Take steps of the sequencer until one is not in another's way, and return how many events it positioned."""
    deadline = time.monotonic() + DEADLINE
    while (count := log.sequence()) is None:
        assert time.monotonic() < deadline, "the sequencer's lock is held for ever"
    return count
