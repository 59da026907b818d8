"""Recording what is sent, as a part of the sender's transaction."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from django.db import connections, transaction

from heliograph.delivery.declaration.signal_names import recorded_name
from heliograph.delivery.recording.autocommit import mind_autocommit
from heliograph.delivery.recording.contents import contents
from heliograph.delivery.recording.wake import wake_for_events
from heliograph.delivery.registration.register import number_for
from heliograph.delivery.registration.registered import forget
from heliograph.delivery.session.alias import alias_of
from heliograph.errors import (
    HeliographWarning,
    PayloadError,
    RecordingError,
    TransactionError,
    UnsupportedDatabaseError,
)
from heliograph.events.names import label
from heliograph.log.log import log_of

#: What says all there is to say; a warning comes where warnings are turned into errors.
_PLAIN = (PayloadError, TransactionError, UnsupportedDatabaseError, HeliographWarning)

#: SQLSTATE of a table that is not there.
_UNDEFINED_TABLE = "42P01"


def record(signal: Any, sender: Any, sendings: Sequence[Mapping[str, Any]], names: Sequence[str]) -> None:
    """Record sendings of a signal, one event each, in the databases that they belong to.

    Args:
        sender: what all of them are sent from.
        sendings: what is sent each time, without signal and sender.
        names: of the durable receivers that hear them, without those that are muted here.

    Raises:
        PayloadError: something that is sent cannot be recorded.
        TransactionError: in autocommit, where ``OUTSIDE_TRANSACTION`` is ``"error"``.
        UnsupportedDatabaseError: a database has no event log.
        RecordingError: anything else keeps them from being recorded.

    Guarantees:
        The events are there if and only if the transaction is committed: when they cannot be recorded it is rolled
        back, whatever becomes of the error. Those of one database are written in one statement.
    """
    aliases: dict[str, list[Mapping[str, Any]]] = {}
    try:
        for named in sendings:
            aliases.setdefault(alias_of(sender, named), []).append(named)
        for alias, belonging in aliases.items():
            _record(connections[alias], signal, sender, belonging, names)
    except BaseException as error:
        _roll_back(aliases or connections)
        if isinstance(error, _PLAIN) or not isinstance(error, Exception):
            raise
        raise RecordingError(
            f"{label(signal)} was not recorded for {', '.join(names)}, and no transaction will be committed without "
            f"it: {_reason(error)}",
            signal=label(signal),
            receivers=tuple(names),
        ) from error


def _record(
    connection: Any, signal: Any, sender: Any, sendings: Sequence[Mapping[str, Any]], names: Sequence[str]
) -> None:
    name, log = recorded_name(signal), log_of(connection)
    mind_autocommit(connection, signal, name)
    number = number_for(connection, name, names)
    recordings = contents(signal, name, number, sender, sendings, names, alias=connection.alias)
    if log.append(recordings, checked=True) < len(recordings):
        # What this process knew of the database is no longer so: it has been flushed or restored. Or the sender's
        # snapshot is older than the registration, so that the number is right, but cannot be seen.
        forget(connection.alias)
        number = number_for(connection, name, names)
        log.append([replace(each, signal=number) for each in recordings])
    if recordings:
        wake_for_events(connection)


def _roll_back(aliases: Iterable[str]) -> None:
    for alias in aliases:
        if connections[alias].in_atomic_block:
            transaction.set_rollback(True, using=alias)


def _reason(error: Exception) -> str:
    if getattr(error.__cause__, "sqlstate", None) == _UNDEFINED_TABLE or "no such table" in str(error):
        return "the tables of heliograph are not there. Run manage.py migrate, with --database=ALIAS for another one."
    return f"{type(error).__name__}: {error}"
