"""The transaction of receivers: their work and its acknowledgement, or none of both."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from heliograph.delivery.worker.attempts import (
    BrokenTransactionError,
    DisconnectedError,
    ReceiverError,
    is_lost,
)
from heliograph.delivery.worker.deliveries import Due
from heliograph.delivery.worker.hands import Hands
from heliograph.delivery.worker.prepared import Prepared


@contextmanager
def together(hands: Hands, meanwhile: Callable[[], object] | None = None) -> Iterator[None]:
    """Make one transaction of the block. Hooks left for its commit run after it, each guarded and logged.

    Args:
        meanwhile: something that takes no database, to be done while the transaction begins.

    Raises:
        LostError: the thread was given up meanwhile, perhaps after the commit.
    """
    hands.begin()
    hooks = len(hands.work.run_on_commit)  # some are there where the transaction is a part of another
    try:
        with hands.transaction():
            if meanwhile is not None:
                hands.begun(meanwhile)
            yield
            hands.work.run_on_commit[hooks:] = [
                (savepoints, _guarded(hands, hook), True) for savepoints, hook, _ in hands.work.run_on_commit[hooks:]
            ]
            hands.commit()
    finally:
        hands.end()


def _guarded(hands: Hands, hook: Callable[[], object]) -> Callable[[], object]:
    """Return a hook that raises nothing that Django would not log, whatever it is: the work is committed."""

    @functools.wraps(hook, updated=())
    def run() -> object:
        try:
            with hands.in_hook():
                return hook()
        except Exception:
            raise
        except BaseException as error:  # what sys.exit() raises
            raise RuntimeError(f"a hook of on_commit() ended with {type(error).__name__}") from error

    return run


def call(hands: Hands, prepared: Prepared, due: Due | None = None) -> None:
    """Call the receiver with an event in hand.

    Raises:
        ReceiverError: it has raised something, or it has returned leaving a transaction that can only be rolled back.
        DisconnectedError: whatever it did, its session is gone, perhaps by its own doing.
    """
    entry = prepared.entry
    with hands.holding(entry, due):
        try:
            hands.give(prepared)
            if hands.work.needs_rollback:
                raise BrokenTransactionError(
                    "the receiver returned, but a database error that it caught has left its transaction fit for "
                    "nothing but a rollback; put the statement that fails inside transaction.atomic()"
                )
        except BaseException as error:  # the border of one receiver; also what sys.exit() raises
            if is_lost(hands.work):
                raise DisconnectedError(entry, due) from error
            hands.note_another_session()
            hands.mend_other_sessions()  # else the next event would fail for what this one has found broken
            raise ReceiverError from error
        if is_lost(hands.work):
            raise DisconnectedError(entry, due)
        hands.note_another_session()
