"""What one thread of a worker works with: its sessions, and what it has in hand at the moment."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

from django.db import connections

from heliograph.delivery.worker.database import open_session, rows, statements
from heliograph.delivery.worker.deliveries import Due
from heliograph.log.entries import Entry
from heliograph.log.log import Log, log_of

#: For at most so long SQLite's lock is left free between two transactions of receivers.
_LONGEST_REST_SECONDS = 0.025


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """An event in hand, for those who watch the thread.

    Attributes:
        due: its delivery, where it has one.
        since: when the receiver was called, on the monotonic clock.
    """

    entry: Entry
    due: Due | None
    since: float


class Hands:
    """The sessions of one thread with one database.

    Attributes:
        work: the one that receivers use: the thread's connection of the alias.
        own: the one for Heliograph's own reading.
        log: the event log, through ``own``.
        held: the event in hand; None between events.
        stop: set when no further event is to be taken in hand.
    """

    def __init__(self, alias: str, worker: str, stop: threading.Event) -> None:
        self.alias = alias
        self.worker = worker
        self.stop = stop
        self.held: Held | None = None
        self.server_started: float | None = None

    def open(self) -> None:
        """Open the sessions, in the thread that will use them."""
        self.own = open_session(self.alias, own_statements=True)
        self.log: Log = log_of(self.own)
        self.work: Any = open_session(self.alias, own_statements=False)
        connections[self.alias] = self.work
        self.work.inc_thread_sharing()  # whoever watches may have to end it
        if self.work.vendor == "postgresql":
            ((self.server_started,),) = rows(self.own, statements(self.own).SERVER_STARTED)

    def close(self) -> None:
        """Close the sessions, as far as they are open."""
        for session in (getattr(self, "work", None), getattr(self, "own", None)):
            if session is not None:
                session.close()

    def reopen(self) -> bool:
        """Open new sessions in place of lost ones, and tell whether the server has been restarted in between."""
        before = self.server_started
        self.close()
        self.open()
        return before != self.server_started

    def end_session(self, own: Any) -> None:
        """End the receivers' session from another thread, whose own one is given: what it has open is rolled back."""
        session = self.work.connection
        if self.work.vendor == "postgresql":
            rows(own, statements(own).END_SESSION, [session.info.backend_pid])
        elif session is not None:
            with suppress(self.work.Database.ProgrammingError):  # it is closed
                session.interrupt()
            session.close()

    def leave_the_lock_to_others(self, held_seconds: float) -> None:
        """Wait a moment where one writer at a time has the whole database, and others may be waiting.

        SQLite has no queue: whoever waits tries again every now and then, the more rarely the longer it waits. So the
        lock is left free for as long as it was held, and every other try succeeds.
        """
        if self.work.vendor == "sqlite":
            self.stop.wait(min(held_seconds, _LONGEST_REST_SECONDS))

    @contextmanager
    def holding(self, entry: Entry, due: Due | None = None) -> Iterator[None]:
        """Have an event in hand."""
        self.held = Held(entry=entry, due=due, since=time.monotonic())
        try:
            yield
        finally:
            self.held = None
