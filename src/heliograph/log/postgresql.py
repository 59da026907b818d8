"""The event log on PostgreSQL. Its tables and its sequencer are in ``schema/postgresql``."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from heliograph.log import direct
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

#: One step, and what steps have found since one of them.
NEWS = "select sequenced, mark, last_position, signals from heliograph_news({since})"

#: An event as it is read, whatever the project's fields and time zone would make of it.
_EVENT = """event.id, event.uuid, event.signal_id, event.sender, event.key, event.payload::text,
           event.headers::text, date_part('epoch', event.sent_at)"""

#: One share of the log. An equality as such would pass for so rare that the planner reads all that is behind the
#: position, and sorts it; a case passes for half of the rows.
_OF_SHARE = """
    and case when mod(
        coalesce(case when {by_key} then key_hash::bigint & 4294967295 end, position), {count}
    ) = {number} then true end
"""

#: The places of the first events of a signal behind a position: one range of the index.
_PLACES = """
    select position, event_id from heliograph_position
    where signal_id = {signal} and position > {after} and position <= {until} {of_share}
    order by position limit {limit}
"""

#: The same of several signals: a range for each.
_PLACES_OF_SOME = """
    select mine.position, mine.event_id
    from unnest(array{signals}::integer[]) heard (id) cross join lateral ({places}) mine
    order by mine.position limit {limit}
"""

#: The events at some places.
_PAGE = f"""
    select place.position, {_EVENT} from ({{places}}) place
    join heliograph_event event on event.id = place.event_id
    order by place.position
"""

#: Some events by number.
ENTRIES = f"""
    select event.id, {_EVENT} from heliograph_event event where event.id = any(%s) order by event.id
"""

#: Gives numbers to signals that have none; two sessions may do so at once.
NAME_SIGNALS = "insert into heliograph_signalname (name) select unnest(%s::text[]) on conflict (name) do nothing"

#: The numbers of signals.
SIGNALS = "select name, id from heliograph_signalname where name = any(%s)"


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
        statement = NEWS.format(since="null" if since is None else since)
        (((sequenced, mark, last_position, signals),),) = direct.execute(self._connection, statement)
        return News(
            mark=mark,
            last_position=last_position,
            signals=None if signals is None else frozenset(signals),
            is_complete=sequenced >= 0,
        )

    def read(self, signals: Sequence[int], *, after: int, until: int, limit: int, share: Share) -> list[Entry]:
        (found,) = direct.execute(self._connection, page(signals, after=after, until=until, limit=limit, share=share))
        return [Entry._make(row) for row in found]

    def entries(self, places: Mapping[int, int]) -> list[Entry]:
        found = rows(self._connection, ENTRIES, [list(places)])
        return sorted(Entry(places[number], *event) for number, *event in found)

    def signals(self, names: Iterable[str]) -> dict[str, int]:
        wanted = list(names)
        known = dict(rows(self._connection, SIGNALS, [wanted]))
        if missing := [name for name in wanted if name not in known]:
            moved(self._connection, NAME_SIGNALS, [missing])
            known = dict(rows(self._connection, SIGNALS, [wanted]))
        return known


def page(signals: Sequence[int], *, after: int, until: int, limit: int, share: Share) -> str:
    """Return the statement that reads the first events of some signals behind a position."""
    of_share = ""
    if share.count > 1:
        of_share = _OF_SHARE.format(by_key=share.by_key, count=share.count, number=share.number)
    signal = signals[0] if len(signals) == 1 else "heard.id"
    places = _PLACES.format(signal=signal, after=after, until=until, limit=limit, of_share=of_share)
    if len(signals) != 1:
        places = _PLACES_OF_SOME.format(signals=list(signals), places=places, limit=limit)
    return _PAGE.format(places=places)
