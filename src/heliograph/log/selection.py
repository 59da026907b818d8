"""Looking for events as an operator does: the newest ones, and those that are to be delivered again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NamedTuple
from uuid import UUID

from heliograph.log.execute import rows

#: The first events of some signals between two positions, of one key and since a time if these are given.
OLDEST_POSTGRESQL = """
    select mine.position, mine.id, mine.key
    from unnest(%(signals)s::integer[]) heard (id) cross join lateral (
        select place.position, event.id, event.key
        from heliograph_position place join heliograph_event event on event.id = place.event_id
        where place.signal_id = heard.id and place.position > %(after)s and place.position <= %(until)s
          and (%(key)s::text is null or event.key = %(key)s::text
               and place.key_hash = ('x' || substr(md5(%(key)s::text), 1, 8))::bit(32)::integer)
          and (%(since)s::timestamptz is null or event.sent_at >= %(since)s::timestamptz)
        order by place.position limit %(limit)s
    ) mine
    order by mine.position limit %(limit)s
"""

#: The same of one signal.
OLDEST_SQLITE = """
    select id, id, key from heliograph_event
    where signal_id = %(signal)s and id > %(after)s and id <= %(until)s
      and (%(key)s is null or key = %(key)s) and (%(since)s is null or sent_at >= %(since)s)
    order by id limit %(limit)s
"""

#: The newest events of all signals or of one, of one key and since a time if these are given.
NEWEST_POSTGRESQL = """
    select mine.position, mine.uuid, heard.name, mine.sender, mine.key, mine.sent_at, mine.payload
    from heliograph_signalname heard cross join lateral (
        select place.position, event.uuid, event.sender, event.key,
               extract(epoch from event.sent_at)::float8 sent_at, event.payload::text payload
        from heliograph_position place join heliograph_event event on event.id = place.event_id
        where place.signal_id = heard.id
          and (%(key)s::text is null or event.key = %(key)s::text
               and place.key_hash = ('x' || substr(md5(%(key)s::text), 1, 8))::bit(32)::integer)
          and (%(since)s::timestamptz is null or event.sent_at >= %(since)s::timestamptz)
        order by place.position desc limit %(limit)s
    ) mine
    where %(signal)s::bigint is null or heard.id = %(signal)s::bigint
    order by mine.position desc limit %(limit)s
"""

#: The same.
NEWEST_SQLITE = """
    select event.id, event.uuid, heard.name, event.sender, event.key, event.sent_at, event.payload
    from heliograph_event event left join heliograph_signalname heard on heard.id = event.signal_id
    where (%(signal)s is null or event.signal_id = %(signal)s)
      and (%(key)s is null or event.key = %(key)s) and (%(since)s is null or event.sent_at >= %(since)s)
    order by event.id desc limit %(limit)s
"""


class Place(NamedTuple):
    """Where an event stands in the log, and its key."""

    position: int
    number: int
    key: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """An event as it is shown.

    Attributes:
        id: its public one.
        signal: name of its signal.
        payload: JSON, as it was recorded.
        sent_at: aware, in UTC.
    """

    id: UUID
    position: int
    signal: str
    sender: str | None
    key: str | None
    sent_at: datetime
    payload: str


def oldest(
    connection: Any,
    *,
    signals: Sequence[int],
    after: int,
    until: int,
    since: datetime | None = None,
    key: str | None = None,
    limit: int,
) -> list[Place]:
    """Return the first events of some signals behind one position and up to another, by position."""
    given: dict[str, Any] = {"after": after, "until": until, "key": key, "limit": limit}
    if connection.vendor == "postgresql":
        found = rows(connection, OLDEST_POSTGRESQL, {**given, "signals": list(signals), "since": since})
    else:
        given["since"] = _text(since)
        pages = [rows(connection, OLDEST_SQLITE, {**given, "signal": each}) for each in signals]
        found = sorted(row for page in pages for row in page)[:limit]
    return [Place._make(row) for row in found]


def newest(
    connection: Any,
    *,
    signal: int | None = None,
    key: str | None = None,
    since: datetime | None = None,
    limit: int,
) -> list[Listed]:
    """Return the events with the highest positions, the newest first."""
    given = {"signal": signal, "key": key, "limit": limit}
    if connection.vendor == "postgresql":
        found = rows(connection, NEWEST_POSTGRESQL, {**given, "since": since})
    else:
        found = rows(connection, NEWEST_SQLITE, {**given, "since": _text(since)})
    return [_listed(*row) for row in found]


def _listed(
    position: int, uuid: Any, signal: str | None, sender: str | None, key: str | None, sent_at: Any, payload: str
) -> Listed:
    return Listed(
        id=uuid if isinstance(uuid, UUID) else UUID(uuid),
        position=position,
        signal=signal or "?",
        sender=sender,
        key=key,
        sent_at=_time(sent_at),
        payload=payload,
    )


def _time(stored: Any) -> datetime:
    if isinstance(stored, float):
        return datetime.fromtimestamp(stored, UTC)
    return (stored if isinstance(stored, datetime) else datetime.fromisoformat(stored)).replace(tzinfo=UTC)


def _text(time: datetime | None) -> str | None:
    """Return a time as SQLite's table has it, where times are compared as text."""
    if time is None:
        return None
    return time.astimezone(UTC).replace(tzinfo=None).isoformat(sep=" ", timespec="milliseconds")
