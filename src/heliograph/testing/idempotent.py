"""Asserting that a durable receiver that gets an event twice leaves what it leaves when it gets it once."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager, nullcontext
from typing import Any

from django.core import mail
from django.db import DEFAULT_DB_ALIAS, connections, transaction

from heliograph.delivery.operate.databases import database
from heliograph.delivery.registration.register import register
from heliograph.delivery.worker.attempts import ReceiverError
from heliograph.delivery.worker.prepared import Prepared
from heliograph.delivery.worker.reading import Reading
from heliograph.delivery.worker.readings import readings
from heliograph.delivery.worker.work import call, together
from heliograph.log.entries import ALL, Entry
from heliograph.log.log import log_of
from heliograph.testing.attempts import Attempts
from heliograph.testing.contents import contents, differences
from heliograph.testing.hands import BorrowedHands
from heliograph.testing.positions import sequencer
from heliograph.testing.receivers import durable
from heliograph.testing.surroundings import refuse_inner_transaction


@contextmanager
def assert_idempotent(
    receiver: Any, *, using: str = DEFAULT_DB_ALIAS, ignoring: Collection[str] = ()
) -> Iterator[None]:
    """Run a durable receiver twice with each event that is recorded for it within the block, and compare what it left.

    Args:
        receiver: the function, or its name.
        using: alias of the database.
        ignoring: models that may differ, as ``"app_label.Model"``, and fields, as ``"app_label.Model.field"``.

    Raises:
        AssertionError: something is different after the second run, or that one raises; the message names each row.
            Or nothing was recorded for the receiver within the block.
        BaseException: what the receiver raises in the first run.
        ReceiverDeclarationError: the receiver is not durable.
        TransactionError: inside ``transaction.atomic()``.

    Guarantees:
        Compared are the rows of all models of this database, the events in its log, and the mails in the test's outbox.
        What the runs have left is taken back, and the events are still owed.
    """
    __tracebackhide__ = True
    connection = connections[database(using)]
    refuse_inner_transaction(connection, "assert_idempotent() is called")
    name = durable(receiver).name
    register(using)
    with sequencer(using) as sequence:
        before = sequence()
        yield
        last = sequence()
    (reading,) = readings(connection, [name]).values()
    log = log_of(connection)
    entries = log.read(list(reading.signals), after=before, until=last, limit=last - before, share=ALL)
    with _taken_back(using):
        hands = BorrowedHands(using, Attempts())
        hands.open()
        heard = [_run_twice(hands, reading, entry, ignoring) for entry in entries]
    if not any(heard):
        raise AssertionError(
            f"Nothing was recorded for {name} within the block. Let the block send what the receiver hears."
        )


def _run_twice(hands: BorrowedHands, reading: Reading, entry: Entry, ignoring: Collection[str]) -> bool:
    """Run a receiver twice with an event and compare; tell whether the receiver hears it."""
    __tracebackhide__ = True
    if not _run(hands, reading, entry):
        return False
    once = contents(hands.alias, ignoring)
    try:
        _run(hands, reading, entry)
    except Exception as error:
        raise AssertionError(
            f"{reading.name} is not idempotent: given the event {entry.uuid} of {_signal(reading, entry)} again, it "
            f"raises {type(error).__name__}: {error}"
        ) from error
    if found := list(differences(once, contents(hands.alias, ignoring))):
        lines = "".join(f"\n  {each}" for each in found)
        raise AssertionError(
            f"{reading.name} is not idempotent: given the event {entry.uuid} of {_signal(reading, entry)} again, it "
            f"leaves something else:{lines}"
        )
    return True


def _run(hands: BorrowedHands, reading: Reading, entry: Entry) -> bool:
    """Run a receiver with an event, and raise what it raises; tell whether it hears it."""
    hands.attempts = attempts = Attempts()
    raised: list[BaseException] = []
    try:
        with together(hands) if reading.receiver.options.atomic else nullcontext():
            call(hands, Prepared(reading, entry))
    except ReceiverError as error:
        raised.append(error.__cause__ or error)
    raised += [error for _, error in attempts.of_hooks]
    if raised:
        raise raised[0]
    return bool(attempts.all())


def _signal(reading: Reading, entry: Entry) -> str:
    return reading.signals[entry.signal][0]


@contextmanager
def _taken_back(alias: str) -> Iterator[None]:
    """Take back what the block writes, and the mails that it sends."""
    outbox = list(getattr(mail, "outbox", ()))
    try:
        with transaction.atomic(using=alias):
            yield
            transaction.set_rollback(True, using=alias)
    finally:
        if hasattr(mail, "outbox"):
            mail.outbox[:] = outbox
