"""Delivering what is owed, in a test."""

from __future__ import annotations

from typing import Any

from asgiref.sync import sync_to_async
from django.db import DEFAULT_DB_ALIAS, connections

from heliograph.delivery.decisions.answers import RetryLater
from heliograph.delivery.decisions.states import State
from heliograph.delivery.operate.databases import database
from heliograph.models import Delivery
from heliograph.testing.attempts import Attempt, Attempts
from heliograph.testing.delivered import Delivered
from heliograph.testing.drain import draining
from heliograph.testing.hands import BorrowedHands
from heliograph.testing.positions import sequencer
from heliograph.testing.receivers import durable
from heliograph.testing.surroundings import refuse_inner_transaction


def deliver(*receivers: Any, using: str = DEFAULT_DB_ALIAS, retries: int = 0, raises: bool = True) -> list[Delivered]:
    """Run durable receivers with all that is owed to them and due, as a worker would, here and now.

    Args:
        receivers: functions or names to which to keep; none for all.
        using: alias of the database.
        retries: so many times, when nothing else is left, all that waits for a later attempt is tried at once.
        raises: raise what receivers have raised last.

    Returns:
        What was tried, in the order of the first attempts, then what is held behind a failed event of its key.

    Raises:
        BaseException: what a receiver, or a hook of ``on_commit()`` that it has left, has raised last, ``Reject`` among
            it, ``RetryLater`` not. Several are raised as a group, once everything has been tried.
        NoEventLogError: the database has no event log.
        TransactionError: inside ``transaction.atomic()``, or another worker is at it.
        ReceiverDeclarationError: one of the receivers is not durable.

    Guarantees:
        The events are read from the log, and their payloads decoded; savepoints, retries, order and dead letters are
        the worker's own. In a ``TestCase`` all of it is part of the test's transaction, and nothing is committed; hooks
        that receivers leave for the commit run where it would be. Else it commits as a worker does. What receivers send
        is delivered too. Timeouts do not apply.
    """
    connection = connections[database(using)]
    refuse_inner_transaction(connection, "deliver() is called")
    only = [durable(each).name for each in receivers]
    attempts = Attempts()
    hands = BorrowedHands(using, attempts)
    hands.open()
    hands.check_deferred()  # what the test has written would not have been committed
    held = set(_held(using).values_list("pk", flat=True))
    with sequencer(using) as sequence, draining(hands, sequence, only) as drain:
        drain.run()
        for _ in range(retries):
            if not drain.bring_forward():
                break
            drain.run()
        tried = [(each, _delivered(using, each)) for each in attempts.all()]
        waiting = [_waiting(row) for row in _held(using).exclude(pk__in=held)]
    if raises:
        _raise(tried, attempts)
    return [*(delivered for _, delivered in tried), *waiting]


async def adeliver(
    *receivers: Any, using: str = DEFAULT_DB_ALIAS, retries: int = 0, raises: bool = True
) -> list[Delivered]:
    """Do as ``deliver``, in an asynchronous test."""
    return await sync_to_async(deliver)(*receivers, using=using, retries=retries, raises=raises)


def _held(alias: str) -> Any:
    found = Delivery.objects.using(alias).filter(state=State.HELD.value)
    return found.select_related("subscription", "event__signal").order_by("position")


def _delivered(alias: str, attempt: Attempt) -> Delivered:
    reading, entry = attempt.reading, attempt.entry
    row = Delivery.objects.using(alias).filter(subscription=reading.subscription, position=entry.position).first()
    state = State.DONE if row is None else State(row.state)
    return Delivered(
        receiver=reading.name,
        signal=reading.signals[entry.signal][0],
        event=entry.uuid,
        state=state,
        attempts=0 if row is None else row.attempts,
        error=attempt.error,
        due_at=row.due_at if row is not None and state is State.RETRYING else None,
    )


def _waiting(row: Any) -> Delivered:
    return Delivered(
        receiver=row.subscription.name,
        signal=row.event.signal.name,
        event=row.event.uuid,
        state=State.HELD,
        attempts=row.attempts,
        error=None,
        due_at=None,
    )


def _raise(tried: list[tuple[Attempt, Delivered]], attempts: Attempts) -> None:
    """Raise what has gone wrong, with a note on whose doing it was."""
    errors: list[BaseException] = []
    for attempt, delivered in tried:
        if delivered.error is not None and not isinstance(delivered.error, RetryLater):
            delivered.error.add_note(_note(attempt, delivered))
            errors.append(delivered.error)
    for name, error in attempts.of_hooks:
        error.add_note(f"Raised by a hook of on_commit() that {name} has left, whose work is done.")
        errors.append(error)
    if len(errors) == 1:
        raise errors[0]
    if errors:
        raise BaseExceptionGroup(f"{len(errors)} errors of receivers", errors)


def _note(attempt: Attempt, delivered: Delivered) -> str:
    most = attempt.reading.receiver.options.retry.max_attempts
    return (
        f"Raised by the durable receiver {delivered.receiver} ({attempt.reading.receiver.place}) at the event "
        f"{delivered.event} of {delivered.signal}, which is {delivered.state} now (attempt {delivered.attempts} of "
        f"{most}). deliver(raises=False) returns what has become of each event."
    )
