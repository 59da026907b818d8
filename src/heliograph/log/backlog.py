"""How much of the log is still in front of a reader, and how old events are."""

from __future__ import annotations

import heapq
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from heliograph.log.entries import Share
from heliograph.log.execute import rows

#: The first events of some signals behind a position: their numbers, and whether they belong to a share.
AHEAD_POSTGRESQL = """
    select mine.event_id,
           mod(coalesce(case when %(by_key)s then mine.key_hash::bigint & 4294967295 end, mine.position), %(count)s)
               = %(number)s
    from unnest(%(signals)s::integer[]) heard (id) cross join lateral (
        select position, event_id, key_hash from heliograph_position
        where signal_id = heard.id and position > %(after)s and position <= %(until)s
        order by position limit %(limit)s
    ) mine
    order by mine.position limit %(limit)s
"""

#: The same of one signal.
AHEAD_SQLITE = """
    select id, coalesce(case when %(by_key)s then key_hash end, id) %% %(count)s = %(number)s
    from heliograph_event where signal_id = %(signal)s and id > %(after)s and id <= %(until)s
    order by id limit %(limit)s
"""

#: How long ago some events were sent, in seconds, by the database's clock.
AGES_POSTGRESQL = """
    select id, extract(epoch from clock_timestamp() - sent_at)::float8 from heliograph_event where id = any(%s)
"""

#: The same.
AGES_SQLITE = """
    select id, (julianday('now') - julianday(sent_at)) * 86400.0 from heliograph_event
    where id in (select value from json_each(%s))
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Backlog:
    """The events in front of a reader.

    Attributes:
        count: how many have been counted.
        is_complete: whether there are no more.
        first: number of the first one; None for none.
    """

    count: int
    is_complete: bool
    first: int | None


def backlog(connection: Any, *, signals: Sequence[int], after: int, until: int, share: Share, limit: int) -> Backlog:
    """Count the events of some signals behind one position and up to another that belong to a share.

    Args:
        limit: so many events are looked at, whichever share they belong to.
    """
    given: dict[str, Any] = {"after": after, "until": until, "limit": limit}
    given |= {"by_key": share.by_key, "count": share.count, "number": share.number}
    if connection.vendor == "postgresql":
        seen = rows(connection, AHEAD_POSTGRESQL, {**given, "signals": list(signals)})
    else:
        pages = [rows(connection, AHEAD_SQLITE, {**given, "signal": each}) for each in signals]
        seen = list(islice(heapq.merge(*pages), limit))
    mine = [number for number, is_mine in seen if is_mine]
    return Backlog(count=len(mine), is_complete=len(seen) < limit, first=mine[0] if mine else None)


def ages(connection: Any, numbers: Iterable[int]) -> dict[int, float]:
    """Return how many seconds ago events were sent, for those of some numbers that are there."""
    wanted = list(numbers)
    if connection.vendor == "postgresql":
        return dict(rows(connection, AGES_POSTGRESQL, [wanted]))
    return dict(rows(connection, AGES_SQLITE, [json.dumps(wanted)]))
