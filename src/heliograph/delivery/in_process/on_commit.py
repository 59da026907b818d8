"""Calling a receiver after the commit of the transaction in which its signal was sent."""

from __future__ import annotations

import logging
import sys
from collections.abc import Mapping
from typing import Any

from asgiref.sync import async_to_sync, iscoroutinefunction

from heliograph.delivery.session.alias import alias_of
from heliograph.dispatch.binding import Receiver
from heliograph.dispatch.identity import name_of, place_of
from heliograph.errors import TransactionError
from heliograph.events.names import label

logger = logging.getLogger("heliograph.on_commit")


def call_on_commit(receiver: Receiver, named: Mapping[str, Any]) -> None:
    """Call a receiver once the outermost transaction has been committed; at once where there is none.

    Args:
        receiver: synchronous or asynchronous.
        named: what it gets, ``signal`` and ``sender`` included.

    Raises:
        TransactionError: autocommit is off and no ``atomic()`` block is open, so no commit would be noticed; or
            the signal is ``pre_save`` in autocommit, where there is no row yet.

    Guarantees:
        Dropped with the transaction or the savepoint that is rolled back. What the receiver raises is logged, and
        keeps neither other receivers nor the sender from going on. A process that dies after the commit loses it.
    """
    from django.db import transaction

    alias = alias_of(named["sender"], named)
    connection = transaction.get_connection(alias)
    if not connection.in_atomic_block:
        _refuse_without_commit(receiver, named["signal"], connection)

    def run() -> None:
        try:
            (async_to_sync(receiver) if iscoroutinefunction(receiver) else receiver)(**named)
        except Exception as error:
            logger.error(
                "%s (%s) failed after the commit on %r, on hearing %s: %r",
                name_of(receiver),
                place_of(receiver),
                alias,
                label(named["signal"]),
                error,
                exc_info=error,
            )

    transaction.on_commit(run, using=alias)


def _refuse_without_commit(receiver: Receiver, signal: Any, connection: Any) -> None:
    if not connection.get_autocommit():
        raise TransactionError(
            f"{name_of(receiver)} waits for a commit of database {connection.alias!r} (on_commit=True), but autocommit "
            "is off there and no transaction.atomic() block is open, so Django would not notice the commit. "
            f"Send {label(signal)} inside transaction.atomic()."
        )
    if signal is getattr(sys.modules.get("django.db.models.signals"), "pre_save", None):
        raise TransactionError(
            f"{name_of(receiver)} hears pre_save with on_commit=True in autocommit, where it would run at once, before "
            "the row is written. Connect it to post_save, or save inside transaction.atomic()."
        )
