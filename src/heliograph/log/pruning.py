"""Taking events out of the log that nobody needs any more."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, NamedTuple

from heliograph.log.execute import moved, rows

#: Of each signal the first event of the log: the signals that begin with an event which has had its time.
#: One range of the index for each signal, however many events there are.
EXPIRED_SIGNALS_POSTGRESQL = """
    with recursive heard (id) as (
        (select signal_id from heliograph_position order by signal_id limit 1)
        union all
        select (select signal_id from heliograph_position where signal_id > heard.id order by signal_id limit 1)
        from heard where heard.id is not null
    )
    select heard.id
    from heard cross join lateral (
        select event_id from heliograph_position where signal_id = heard.id order by position limit 1
    ) head
    left join heliograph_event event on event.id = head.event_id
    where event.id is null or event.sent_at < clock_timestamp() - make_interval(secs => %s)
    order by heard.id
"""

#: The same.
EXPIRED_SIGNALS_SQLITE = """
    with recursive heard (id) as (
        select min(signal_id) from heliograph_event
        union all
        select (select min(signal_id) from heliograph_event where signal_id > heard.id)
        from heard where heard.id is not null
    )
    select heard.id
    from heard join heliograph_event event
        on event.id = (select min(id) from heliograph_event where signal_id = heard.id)
    where event.sent_at < strftime('%%Y-%%m-%%d %%H:%%M:%%f', 'now', -%s || ' seconds')
    order by heard.id
"""

#: The first events of a signal between two positions, and whether they have had their time.
CANDIDATES_POSTGRESQL = """
    select place.position, place.event_id,
           event.id is null or event.sent_at < clock_timestamp() - make_interval(secs => %s)
    from (
        select position, event_id from heliograph_position
        where signal_id = %s and position > %s and position <= %s order by position limit %s
    ) place
    left join heliograph_event event on event.id = place.event_id
    order by place.position
"""

#: The same.
CANDIDATES_SQLITE = """
    select id, id, sent_at < strftime('%%Y-%%m-%%d %%H:%%M:%%f', 'now', -%s || ' seconds')
    from heliograph_event where signal_id = %s and id > %s and id <= %s order by id limit %s
"""

#: Takes places out of the order of a signal.
DELETE_POSITIONS = "delete from heliograph_position where signal_id = %s and position = any(%s)"

#: Takes out events.
DELETE_EVENTS_POSTGRESQL = "delete from heliograph_event where id = any(%s)"

#: The same.
DELETE_EVENTS_SQLITE = "delete from heliograph_event where id in (select value from json_each(%s))"

#: Takes out the oldest of the sequencer's steps, up to a number of them, and leaves so many of the newest.
DELETE_STEPS = """
    delete from heliograph_sequencerstep where id in (
        select id from heliograph_sequencerstep
        where id <= (select id from heliograph_sequencerstep order by id desc offset %s limit 1)
        order by id limit %s
    )
"""


class Candidate(NamedTuple):
    """An event that may be taken out, and whether it has had its time."""

    position: int
    number: int
    has_expired: bool


def expired_signals(connection: Any, seconds: float) -> list[int]:
    """Return the signals whose first event in the log was sent longer ago than that."""
    statement = EXPIRED_SIGNALS_POSTGRESQL if connection.vendor == "postgresql" else EXPIRED_SIGNALS_SQLITE
    return [signal for (signal,) in rows(connection, statement, [seconds])]


def candidates(connection: Any, *, signal: int, after: int, until: int, seconds: float, limit: int) -> list[Candidate]:
    """Return the first events of a signal behind one position and up to another, by position.

    Args:
        seconds: after which an event has had its time.
    """
    statement = CANDIDATES_POSTGRESQL if connection.vendor == "postgresql" else CANDIDATES_SQLITE
    return [Candidate._make(row) for row in rows(connection, statement, [seconds, signal, after, until, limit])]


def delete(connection: Any, *, signal: int, events: Sequence[Candidate]) -> int:
    """Take events of a signal out of the log, with their positions, and return how many were still there."""
    numbers = [each.number for each in events]
    if connection.vendor == "postgresql":
        moved(connection, DELETE_POSITIONS, [signal, [each.position for each in events]])
        return moved(connection, DELETE_EVENTS_POSTGRESQL, [numbers])
    return moved(connection, DELETE_EVENTS_SQLITE, [json.dumps(numbers)])


def delete_steps(connection: Any, *, keep: int, limit: int) -> int:
    """Take out old steps of the sequencer, which only tell what came since a look long ago; return how many."""
    return moved(connection, DELETE_STEPS, [keep, limit]) if connection.vendor == "postgresql" else 0
