"""A worker's hands on the test's own connection."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import Error, connections

from heliograph.delivery.session.own import note_session
from heliograph.delivery.sql.dialect import statements
from heliograph.delivery.worker import membership
from heliograph.delivery.worker.attempts import BrokenTransactionError
from heliograph.delivery.worker.deliveries import Due
from heliograph.delivery.worker.hands import Hands
from heliograph.delivery.worker.prepared import Prepared
from heliograph.log.entries import Entry
from heliograph.log.execute import moved, rows
from heliograph.log.log import log_of
from heliograph.testing.attempts import Attempts

logger = logging.getLogger("heliograph.testing")


class BorrowedHands(Hands):
    """Hands whose sessions are both the test's.

    In the transaction of a ``TestCase`` each transaction of receivers is a savepoint of it: what a COMMIT would check
    is checked where it ends, and hooks that receivers have left are run behind it.

    Attributes:
        attempts: what is seen of attempts.
    """

    def __init__(self, alias: str, attempts: Attempts) -> None:
        super().__init__(alias, membership.name(), threading.Event())
        self.attempts = attempts

    def open(self) -> None:
        """Take the connection that is there."""
        self.work: Any = connections[self.alias]
        self.own = self.work
        note_session(self.work)
        self.log = log_of(self.own)
        self._is_inside = self.work.in_atomic_block
        if self.work.vendor == "postgresql":
            ((self.immediate_again,),) = rows(self.work, statements(self.work).IMMEDIATE_AGAIN)

    def close(self) -> None:
        """Leave the connection to the test."""

    def leave_the_lock_to_others(self, held_seconds: float) -> None:
        """Go on at once: nobody waits."""

    def check_deferred(self) -> None:
        """Check what is deferred to a COMMIT that does not come.

        Raises:
            IntegrityError: a constraint is broken.
        """
        if self._is_inside:
            self.work.check_constraints()
            if self.immediate_again:
                moved(self.work, self.immediate_again)

    def give(self, prepared: Prepared) -> bool:
        attempt = self.attempts.begin(prepared.reading, prepared.entry)
        if self._is_inside and not prepared.reading.receiver.options.atomic:
            with self._as_in_autocommit():
                attempt.heard = super().give(prepared)
        else:
            attempt.heard = super().give(prepared)
        return attempt.heard

    @contextmanager
    def holding(self, entry: Entry, due: Due | None = None) -> Iterator[None]:
        try:
            with super().holding(entry, due):
                yield
        except BaseException as error:
            self.attempts.fail(error, entry)
            raise

    @contextmanager
    def transaction(self) -> Iterator[None]:
        hooks = len(self.work.run_on_commit)
        try:
            with super().transaction():
                yield
        except Error as error:
            for entry in self._taken.values():
                self.attempts.fail(error, entry)
            raise
        if self._is_inside:
            self._run_hooks(hooks)

    def commit(self) -> None:
        super().commit()
        self.check_deferred()

    @contextmanager
    def in_hook(self) -> Iterator[None]:
        try:
            with super().in_hook():
                yield
        except Exception as error:
            if not self._is_inside:
                self.attempts.fail_hook(error)
            raise

    def _run_hooks(self, before: int) -> None:
        """Run the hooks left for a COMMIT that does not come, but not those that the test itself has left."""
        while len(self.work.run_on_commit) > before:  # a list that each rollback replaces
            _, hook, _ = self.work.run_on_commit.pop(before)
            try:
                hook()
            except Exception as error:  # as Django does with hooks of a transaction that is committed
                logger.exception("a hook of on_commit() raised")
                self.attempts.fail_hook(error)

    @contextmanager
    def _as_in_autocommit(self) -> Iterator[None]:
        """Let a receiver that runs in no transaction keep what it has written, also when it raises."""
        hooks = len(self.work.run_on_commit)
        savepoint = self.work.savepoint()
        try:
            yield
        finally:
            broken = self._is_broken()
            if broken:
                self.work.needs_rollback = False
                self.work.savepoint_rollback(savepoint)
            self.work.savepoint_commit(savepoint)
            self._run_hooks(hooks)
        if broken:
            raise BrokenTransactionError(
                "the receiver returned, but a database error that it caught has broken the transaction of the test, "
                "which in a worker, with atomic=False, would not have been there. Put the statement that fails inside "
                "transaction.atomic(), or test it in a TransactionTestCase"
            )

    def _is_broken(self) -> bool:
        if self.work.vendor == "postgresql":
            states = self.work.Database.pq.TransactionStatus
            if self.work.connection.info.transaction_status == states.INERROR:
                return True
        return bool(self.work.needs_rollback)
