"""The newest events of the log."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Sequence
from datetime import datetime

from django.db import connections

from heliograph.delivery.operate.sequencing import sequence_committed
from heliograph.errors import UnknownSignalError
from heliograph.log.selection import Listed, newest
from heliograph.models import SignalName


def events(
    alias: str, *, signal: str | None = None, key: str | None = None, since: datetime | None = None, limit: int = 20
) -> list[Listed]:
    """Return the newest events of a database, the newest first.

    Args:
        signal: only those of this one; the end of its name suffices.

    Raises:
        UnknownSignalError: no signal of that name has been recorded or subscribed to, or more than one.
    """
    names = _names(alias)
    number = None if signal is None else names[_whole(signal, names)]
    connection = connections[alias]
    sequence_committed(connection)
    return newest(connection, signal=number, key=key, since=since, limit=limit)


def recorded_in(aliases: Sequence[str], signal: str) -> list[str]:
    """Return the databases in which a signal has a number; the end of its name suffices.

    Raises:
        UnknownSignalError: it has none anywhere, or the end is that of more than one.
    """
    names = {alias: _names(alias) for alias in aliases}
    whole = _whole(signal, {each for some in names.values() for each in some})
    return [alias for alias in aliases if whole in names[alias]]


def _names(alias: str) -> dict[str, int]:
    return dict(SignalName.objects.using(alias).values_list("name", "id"))


def _whole(name: str, names: Collection[str]) -> str:
    """Return the one of some names that is meant."""
    if name in names:
        return name
    ends = sorted(known for known in names if known.endswith(f".{name}"))
    if len(ends) == 1:
        return ends[0]
    if ends:
        raise UnknownSignalError(f"{name!r} may be {' or '.join(ends)}. Give the whole name.")
    last = {known.rpartition(".")[2]: known for known in names}
    near = difflib.get_close_matches(name, names, n=1) or [
        last[match] for match in difflib.get_close_matches(name.rpartition(".")[2], last, n=1)
    ]
    remedy = f"Did you mean {near[0]!r}?" if near else f"The log has: {', '.join(sorted(names)) or 'none'}."
    raise UnknownSignalError(f"The log has no signal {name!r}. {remedy}")
