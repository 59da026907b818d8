"""The newest events of the log."""

from __future__ import annotations

import difflib
from datetime import datetime

from django.db import connections

from heliograph.delivery.operate.sequencing import bring_up_to_date
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
    number = None if signal is None else _number(alias, signal)
    connection = connections[alias]
    bring_up_to_date(connection)
    return newest(connection, signal=number, key=key, since=since, limit=limit)


def _number(alias: str, name: str) -> int:
    names: dict[str, int] = dict(SignalName.objects.using(alias).values_list("name", "id"))
    if name in names:
        return names[name]
    ends = sorted(known for known in names if known.endswith(f".{name}"))
    if len(ends) == 1:
        return names[ends[0]]
    if ends:
        raise UnknownSignalError(f"{name!r} may be {' or '.join(ends)}. Give the whole name.")
    last = {known.rpartition(".")[2]: known for known in names}
    near = difflib.get_close_matches(name, names, n=1) or [
        last[match] for match in difflib.get_close_matches(name.rpartition(".")[2], last, n=1)
    ]
    remedy = f"Did you mean {near[0]!r}?" if near else f"The log has: {', '.join(sorted(names)) or 'none'}."
    raise UnknownSignalError(f"The log of database {alias!r} has no signal {name!r}. {remedy}")
