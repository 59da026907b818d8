"""The event log on SQLite: one writer at a time, so an event's id is its position."""

from __future__ import annotations

import heapq
import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from itertools import islice
from typing import Any
from uuid import UUID

from heliograph.events.keys import key_hash
from heliograph.log.entries import Entry, News, Recording, Share
from heliograph.log.execute import moved, rows

#: Events in the order given.
APPEND = """
    insert into heliograph_event (uuid, signal_id, sender, key, key_hash, payload, headers)
    select json_extract(value, '$[0]'), json_extract(value, '$[1]'), json_extract(value, '$[2]'),
           json_extract(value, '$[3]'), json_extract(value, '$[4]'), json_extract(value, '$[5]'),
           json_extract(value, '$[6]')
    from json_each(%s) order by key
"""

#: The same without those whose signal has lost its number.
APPEND_CHECKED = """
    insert into heliograph_event (uuid, signal_id, sender, key, key_hash, payload, headers)
    select json_extract(value, '$[0]'), json_extract(value, '$[1]'), json_extract(value, '$[2]'),
           json_extract(value, '$[3]'), json_extract(value, '$[4]'), json_extract(value, '$[5]'),
           json_extract(value, '$[6]')
    from json_each(%s) where exists (select 1 from heliograph_signalname where id = json_extract(value, '$[1]'))
    order by key
"""

#: The last id given, which stays when its event is pruned.
LAST_POSITION = "select seq from sqlite_sequence where name = 'heliograph_event'"

#: The signals of the events behind an id.
SIGNALS_SINCE = "select distinct signal_id from heliograph_event where id > %s"

#: The first events of one signal behind an id.
READ = """
    select id, id, uuid, signal_id, sender, key, payload, headers, sent_at from heliograph_event
    where signal_id = %s and id > %s and id <= %s order by id limit %s
"""

#: The same for one share of the log.
READ_SHARE = """
    select id, id, uuid, signal_id, sender, key, payload, headers, sent_at from heliograph_event
    where signal_id = %s and id > %s and id <= %s and coalesce(case when %s then key_hash end, id) %% %s = %s
    order by id limit %s
"""

#: Some events by number.
ENTRIES = """
    select id, id, uuid, signal_id, sender, key, payload, headers, sent_at from heliograph_event
    where id in (select value from json_each(%s)) order by id
"""

#: Gives numbers to signals that have none.
NAME_SIGNALS = """
    insert into heliograph_signalname (name) select value from json_each(%s) where true on conflict do nothing
"""

#: The numbers of signals.
SIGNALS = "select name, id from heliograph_signalname where name in (select value from json_each(%s))"


class SQLiteLog:
    """The log of one SQLite file."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection

    def append(self, recordings: Sequence[Recording], *, checked: bool = False) -> int:
        if not recordings:
            return 0
        given = json.dumps([_row(each) for each in recordings])
        return moved(self._connection, APPEND_CHECKED if checked else APPEND, [given])

    def sequence(self) -> int | None:
        return 0

    def last_position(self) -> int:
        found = rows(self._connection, LAST_POSITION)
        return int(found[0][0]) if found else 0

    def news(self, since: int | None) -> News:
        last = self.last_position()
        heard = None
        if since is not None:
            found = rows(self._connection, SIGNALS_SINCE, [since]) if last > since else []
            heard = frozenset(signal for (signal,) in found)
        return News(mark=last, last_position=last, signals=heard, is_complete=True)

    def read(self, signals: Sequence[int], *, after: int, until: int, limit: int, share: Share) -> list[Entry]:
        # Each signal has a range of the index to itself; a statement over several would sort all that is behind.
        pages = [self._page(signal, after, until, limit, share) for signal in signals]
        return pages[0] if len(pages) == 1 else list(islice(heapq.merge(*pages), limit))

    def entries(self, places: Mapping[int, int]) -> list[Entry]:
        return self._entries(ENTRIES, [json.dumps(list(places))])

    def signals(self, names: Iterable[str]) -> dict[str, int]:
        wanted = json.dumps(list(names))
        known = dict(rows(self._connection, SIGNALS, [wanted]))
        if len(known) < len(json.loads(wanted)):
            moved(self._connection, NAME_SIGNALS, [wanted])
            known = dict(rows(self._connection, SIGNALS, [wanted]))
        return known

    def _page(self, signal: int, after: int, until: int, limit: int, share: Share) -> list[Entry]:
        if share.count == 1:
            return self._entries(READ, [signal, after, until, limit])
        return self._entries(READ_SHARE, [signal, after, until, share.by_key, share.count, share.number, limit])

    def _entries(self, statement: str, given: Any) -> list[Entry]:
        # Ids and times come as text, whatever the fields of the models would make of them.
        return [
            Entry._make([*row[:2], UUID(row[2]), *row[3:8], _utc(row[8]).timestamp()])
            for row in rows(self._connection, statement, given)
        ]


def _row(recording: Recording) -> list[Any]:
    hashed = None if recording.key is None else key_hash(recording.key)
    return [
        *(recording.uuid.hex, recording.signal, recording.sender, recording.key, hashed),
        *(recording.payload, recording.headers),
    ]


def _utc(text: Any) -> datetime:
    return (text if isinstance(text, datetime) else datetime.fromisoformat(text)).replace(tzinfo=UTC)
