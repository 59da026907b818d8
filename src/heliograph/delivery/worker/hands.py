"""What one thread of a worker works with: its sessions, and what it has in hand at the moment."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from enum import Enum
from typing import Any, NamedTuple

from django.db import connections, transaction

from heliograph.delivery.session.own import note_session, open_session
from heliograph.delivery.sql.dialect import statements
from heliograph.delivery.worker.attempts import DisconnectedError, LostError
from heliograph.delivery.worker.deliveries import Due
from heliograph.delivery.worker.partition import Owned
from heliograph.delivery.worker.prepared import Prepared
from heliograph.log import direct
from heliograph.log.entries import Entry
from heliograph.log.execute import rows
from heliograph.log.log import Log, log_of

#: For at most so long SQLite's lock is left free between two transactions of receivers.
_LONGEST_REST_SECONDS = 0.025


class Doing(Enum):
    """What a receiver's timeout goes for, each time anew."""

    RECEIVER = "the receiver, up to the check of what it has deferred"
    COMMIT = "the COMMIT of its work"
    HOOK = "a hook of on_commit() that it has left"


class Held(NamedTuple):
    """What a thread has in hand, for those who watch it.

    Attributes:
        entries: the event; several, in order, where they share a transaction that is past its receivers.
        due: the delivery, where the event has one.
        since: when this was begun, on the monotonic clock.
    """

    doing: Doing
    entries: tuple[Entry, ...]
    due: Due | None
    since: float


class Hands:
    """The sessions of one thread with one database.

    Attributes:
        work: the one that receivers use: the thread's connection of the alias.
        own: the one for Heliograph's own reading.
        log: the event log, through ``own``.
        held: what is in hand; None where nothing of a receiver's runs.
        given_up: set when the thread hangs and another one has taken its place: it commits and calls nothing more.
        immediate_again: the statement that a savepoint between events ends with, as its session has learnt it when it
            was opened; None where it needs none.
        stop: set when no further event is to be taken in hand.
        opened_at: when the sessions were opened, on the monotonic clock.
    """

    def __init__(self, alias: str, worker: str, stop: threading.Event) -> None:
        self.alias = alias
        self.worker = worker
        self.stop = stop
        self.held: Held | None = None
        self.given_up = False
        self._taken: dict[int, Entry] = {}
        self._due: Due | None = None
        self._acknowledgement: tuple[Owned, int, Callable[[], object] | None] | None = None
        self._holding = _Holding(self)
        self.server_started: float | None = None
        self.immediate_again: str | None = None
        self.opened_at = 0.0

    def open(self) -> None:
        """Open the sessions, in the thread that will use them."""
        self.own = open_session(self.alias, own_statements=True)
        self.log: Log = log_of(self.own)
        self.work: Any = open_session(self.alias, own_statements=False)
        connections[self.alias] = self.work
        self.work.inc_thread_sharing()  # whoever watches may have to end it
        if self.work.vendor == "postgresql":
            ((self.server_started,),) = rows(self.own, statements(self.own).SERVER_STARTED)
            ((self.immediate_again,),) = rows(self.work, statements(self.work).IMMEDIATE_AGAIN)
        self.opened_at = time.monotonic()

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

    def raise_if_cut(self) -> None:
        """Find out that the receivers' session was closed between turns, before an event is blamed for it.

        Raises:
            DisconnectedError: it was.
        """
        self.note_another_session()
        if self.work.vendor == "postgresql" and direct.is_cut(self.work):
            raise DisconnectedError

    def note_another_session(self) -> None:
        """Note the receivers' session if it is another one now: outside a transaction they may close theirs.

        Raises:
            DisconnectedError: the server has been restarted, or is another one by now.
        """
        if self.work.connection is None or self.work.connection is not self.work.noted_session:
            note_session(self.work)
            if self.work.vendor == "postgresql" and self.own is not self.work:
                ((started,),) = rows(self.work, statements(self.work).SERVER_STARTED)
                if started != self.server_started or direct.is_cut(self.own):
                    raise DisconnectedError

    def end_session(self, own: Any) -> None:
        """End the receivers' session from another thread, whose own one is given: what it has open is rolled back."""
        session = self.work.connection
        if self.work.vendor == "postgresql":
            rows(own, statements(own).END_SESSION, [session.info.backend_pid])
        elif session is not None:
            with suppress(self.work.Database.ProgrammingError):  # it is closed
                session.interrupt()
            session.close()

    def mend_other_sessions(self) -> None:
        """Close the thread's sessions with other databases that are broken or too old, as a request does at its end."""
        for connection in connections.all(initialized_only=True):
            if connection is not self.work:
                connection.close_if_unusable_or_obsolete()

    def leave_the_lock_to_others(self, held_seconds: float) -> None:
        """Wait a moment where one writer at a time has the whole database, and others may be waiting.

        SQLite has no queue: whoever waits tries again every now and then, the more rarely the longer it waits. So the
        lock is left free for as long as it was held, and every other try succeeds.
        """
        if self.work.vendor == "sqlite":
            self.stop.wait(min(held_seconds, _LONGEST_REST_SECONDS))

    def holding(self, entry: Entry, due: Due | None = None) -> AbstractContextManager[None]:
        """Have an event in hand, within a block.

        Raises:
            LostError: the thread has been given up.
        """
        self._due = due
        if self.work.in_atomic_block:
            self._taken[entry.position] = entry
        self._raise_if_given_up()
        self.held = Held(Doing.RECEIVER, (entry,), due, time.monotonic())
        return self._holding

    def give(self, prepared: Prepared) -> bool:
        """Give the event in hand to the receiver, and tell whether it hears it."""
        return prepared.call()

    def transaction(self) -> AbstractContextManager[None]:
        """Return the transaction of receivers, which commits where its block ends without an error."""
        return transaction.atomic(using=self.alias)

    def begin(self) -> None:
        """Begin a transaction: what is taken in hand from here on is a part of it."""
        self.note_another_session()
        self._taken.clear()
        self._due = None
        self._acknowledgement = None

    def begun(self, meanwhile: Callable[[], object]) -> None:
        """Let something that takes no database be done while a transaction begins, which is open behind it."""
        if self._is_outermost():
            direct.execute(self.work, _begin_statement(self.work.connection), meanwhile)
        else:
            meanwhile()

    def acknowledge(self, owned: Owned, position: int, meanwhile: Callable[[], object] | None = None) -> None:
        """Have the transaction move a position when it is committed.

        Args:
            meanwhile: something that does not use the receivers' session, to be done while PostgreSQL commits, if
                there is another session.
        """
        self._acknowledgement = (owned, position, meanwhile if self.own is not self.work else None)

    def commit(self) -> None:
        """Begin the COMMIT of what was taken in hand.

        Raises:
            LostError: the ownership of the partition is lost.
        """
        if self._taken:
            self._hold(Doing.COMMIT, *self._taken.values())
        if self._acknowledgement is not None:
            owned, position, meanwhile = self._acknowledgement
            commit = self._is_outermost() and self._has_begun()
            owned.move(self.work, position, commit=commit, meanwhile=meanwhile)

    @contextmanager
    def in_hook(self) -> Iterator[None]:
        """Run one of the hooks that were left for after the COMMIT."""
        self._hold(Doing.HOOK, *self._taken.values())
        try:
            yield
        finally:
            self.held = None

    def end(self) -> None:
        """Have nothing in hand.

        Raises:
            LostError: the thread has been given up.
        """
        self.held = None
        self._raise_if_given_up()

    def _is_outermost(self) -> bool:
        """Tell whether the open transaction is PostgreSQL's own, and fit to be committed."""
        work = self.work
        return work.vendor == "postgresql" and len(work.atomic_blocks) == 1 and not work.needs_rollback

    def _has_begun(self) -> bool:
        """Tell whether PostgreSQL knows of the transaction, whose BEGIN goes before its first statement."""
        pq = self.work.Database.pq
        return bool(self.work.connection.pgconn.transaction_status != pq.TransactionStatus.IDLE)

    def _hold(self, doing: Doing, *entries: Entry) -> None:
        self.held = Held(doing, entries, self._due, time.monotonic())

    def _raise_if_given_up(self) -> None:
        if self.given_up:
            raise LostError


class _Holding(AbstractContextManager[None]):
    """The block in which an event is in hand."""

    def __init__(self, hands: Hands) -> None:
        self._hands = hands

    def __exit__(self, *_: object) -> None:
        self._hands.end()


def _begin_statement(session: Any) -> str:
    """Return the BEGIN of a session, as psycopg would send it."""
    parts = ["begin"]
    if session.isolation_level is not None:
        parts.append(f"isolation level {session.isolation_level.name.replace('_', ' ')}")
    if session.read_only is not None:
        parts.append("read only" if session.read_only else "read write")
    if session.deferrable is not None:
        parts.append("deferrable" if session.deferrable else "not deferrable")
    return " ".join(parts)
