"""The event log on PostgreSQL. Its tables and its sequencer are in ``schema/postgresql``."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from heliograph.log.entries import Entry, News, Recording, Share
from heliograph.log.execute import moved, rows

#: One event. The transaction's id and the time are filled in by the table.
APPEND = """
    insert into heliograph_event (uuid, signal_id, sender, key, payload, headers) values (%s, %s, %s, %s, %s, %s)
"""

#: Several events in the order given.
APPEND_MANY = """
    insert into heliograph_event (uuid, signal_id, sender, key, payload, headers)
    select uuid, signal_id, sender, key, payload, headers
    from unnest(%s::uuid[], %s::integer[], %s::text[], %s::text[], %s::json[], %s::json[])
        with ordinality as given (uuid, signal_id, sender, key, payload, headers, place)
    order by place
"""

#: One event, if its signal still has its number: how many have been appended.
APPEND_CHECKED = "select heliograph_append(%s, %s, %s, %s, %s, %s)"

#: Several events in the order given, without those whose signal has lost its number.
APPEND_MANY_CHECKED = """
    insert into heliograph_event (uuid, signal_id, sender, key, payload, headers)
    select uuid, signal_id, sender, key, payload, headers
    from unnest(%s::uuid[], %s::integer[], %s::text[], %s::text[], %s::json[], %s::json[])
        with ordinality as given (uuid, signal_id, sender, key, payload, headers, place)
    where exists (select from heliograph_signalname signal where signal.id = given.signal_id)
    order by place
"""

#: One step of the sequencer: how many events it gave a position to, -1 if another session is at it.
SEQUENCE = "select heliograph_sequence()"

#: The last position given.
LAST_POSITION = "select last_position from heliograph_sequencerstep order by id desc limit 1"

#: The steps from one on, that one included if it is still there.
STEPS = "select id, last_position, signals from heliograph_sequencerstep where id >= %s order by id limit %s"

#: The last step.
LAST_STEP = "select id, last_position from heliograph_sequencerstep order by id desc limit 1"

#: An event as it is read, whatever the project's fields and time zone would make of it.
_EVENT = """event.id, event.uuid, event.signal_id, event.sender, event.key, event.payload::text,
           event.headers::text, extract(epoch from event.sent_at)::float8"""

#: The first events of some signals behind a position: one range of the index for each signal.
_PAGE = f"""
    select place.position, {_EVENT}
    from (
        select mine.position, mine.event_id
        from unnest(%(signals)s::integer[]) heard (id) cross join lateral (
            select position, event_id from heliograph_position
            where signal_id = heard.id and position > %(after)s and position <= %(until)s {{and_of_share}}
            order by position limit %(limit)s
        ) mine
        order by mine.position limit %(limit)s
    ) place
    join heliograph_event event on event.id = place.event_id
    order by place.position
"""
READ = _PAGE.format(and_of_share="")

#: The same for one share of the log. An equality as such would pass for so rare that the planner reads all that is
#: behind the position, and sorts it; a case passes for half of the rows.
READ_SHARE = _PAGE.format(
    and_of_share="""
              and case when mod(
                  coalesce(case when %(by_key)s then key_hash::bigint & 4294967295 end, position), %(count)s
              ) = %(number)s then true end"""
)

#: Some events by number.
ENTRIES = f"""
    select event.id, {_EVENT} from heliograph_event event where event.id = any(%s) order by event.id
"""

#: Gives numbers to signals that have none; two sessions may do so at once.
NAME_SIGNALS = "insert into heliograph_signalname (name) select unnest(%s::text[]) on conflict (name) do nothing"

#: The numbers of signals.
SIGNALS = "select name, id from heliograph_signalname where name = any(%s)"

#: More steps than this since the last look are not gone through one by one.
_STEPS_AT_ONCE = 1000


class PostgreSQLLog:
    """The log of one PostgreSQL database."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection

    def append(self, recordings: Sequence[Recording], *, checked: bool = False) -> int:
        given = [(each.uuid.hex, each.signal, each.sender, each.key, each.payload, each.headers) for each in recordings]
        if not given:
            return 0
        if len(given) > 1:
            columns = [list(column) for column in zip(*given, strict=True)]
            return moved(self._connection, APPEND_MANY_CHECKED if checked else APPEND_MANY, columns)
        if checked:
            ((count,),) = rows(self._connection, APPEND_CHECKED, given[0])
            return int(count)
        return moved(self._connection, APPEND, given[0])

    def sequence(self) -> int | None:
        ((count,),) = rows(self._connection, SEQUENCE)
        return None if count < 0 else int(count)

    def last_position(self) -> int:
        found = rows(self._connection, LAST_POSITION)
        return int(found[0][0]) if found else 0

    def news(self, since: int | None) -> News:
        if since is not None:
            steps = rows(self._connection, STEPS, [since, _STEPS_AT_ONCE])
            if steps and steps[0][0] == since and len(steps) < _STEPS_AT_ONCE:
                heard = frozenset(signal for step in steps[1:] for signal in step[2])
                return News(mark=steps[-1][0], last_position=steps[-1][1], signals=heard)
        ((mark, last_position),) = rows(self._connection, LAST_STEP) or [(0, 0)]
        return News(mark=mark, last_position=last_position, signals=None)

    def read(self, signals: Sequence[int], *, after: int, until: int, limit: int, share: Share) -> list[Entry]:
        given: dict[str, Any] = {"signals": list(signals), "after": after, "until": until, "limit": limit}
        if share.count == 1:
            return self._entries(READ, given)
        given |= {"count": share.count, "number": share.number, "by_key": share.by_key}
        return self._entries(READ_SHARE, given)

    def entries(self, places: Mapping[int, int]) -> list[Entry]:
        found = self._entries(ENTRIES, [list(places)])
        return sorted(each._replace(position=places[each.number]) for each in found)

    def signals(self, names: Iterable[str]) -> dict[str, int]:
        wanted = list(names)
        known = dict(rows(self._connection, SIGNALS, [wanted]))
        if missing := [name for name in wanted if name not in known]:
            moved(self._connection, NAME_SIGNALS, [missing])
            known = dict(rows(self._connection, SIGNALS, [wanted]))
        return known

    def _entries(self, statement: str, given: Any) -> list[Entry]:
        return [
            Entry._make(
                [*row[:8], datetime.fromtimestamp(row[8], UTC)]
            )  # whatever the project's time zone settings make of it
            for row in rows(self._connection, statement, given)
        ]
