"""Positions for events, also for those of a transaction that is never committed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from functools import partial
from typing import Any

from django.db import connections

from heliograph.delivery.session.own import open_session
from heliograph.delivery.session.surroundings import is_of_a_test
from heliograph.errors import TransactionError
from heliograph.log.execute import moved
from heliograph.log.log import Log, log_of
from heliograph.log.steps import bring_up_to_date

#: A step of the sequencer over what the open transaction sees, on PostgreSQL, where the real one needs a transaction of
#: its own. The cluster of its step is nobody's: should this ever be committed, the next real step takes it for that of
#: another cluster, and gives every event that has no position one, so that none is lost.
SEQUENCE_INSIDE = """
    with positioned as (
        insert into heliograph_position (position, event_id, signal_id, key_hash)
        select coalesce((select last_position from heliograph_sequencerstep order by id desc limit 1), 0)
                   + row_number() over (order by event.id),
               event.id, event.signal_id, ('x' || substr(md5(event.key), 1, 8))::bit(32)::integer
        from heliograph_event event
        where not exists (select from heliograph_position known where known.event_id = event.id)
        returning position, signal_id
    )
    insert into heliograph_sequencerstep (last_position, low, signals, cluster)
    select max(position), pg_current_snapshot(), array_agg(distinct signal_id), 0 from positioned having count(*) > 0
"""

#: So long another session that is at it is waited for.
_SECONDS = 30


@contextmanager
def sequencer(alias: str) -> Iterator[Callable[[], int]]:
    """Give a function that has every event given its position, and returns the last one.

    In the transaction of a ``TestCase`` these are the events that it sees, else the committed ones.
    """
    connection = connections[alias]
    if connection.vendor != "postgresql":
        yield log_of(connection).last_position
    elif connection.in_atomic_block:
        yield partial(sequence_inside, connection)
    else:
        with closing(open_session(alias, own_statements=True)) as session:
            yield partial(_sequence, log_of(session), alias)


def sequence_inside(connection: Any) -> int:
    """Give every event that the open transaction sees its position, and return the last one.

    Raises:
        TransactionError: the transaction is not one that a test rolls back.
    """
    if not is_of_a_test(connection):
        raise TransactionError(
            f"The transaction that is open on {connection.alias!r} is not the one of a TestCase, and may be committed: "
            "its events get their positions from the sequencer, once they are visible to all."
        )
    moved(connection, SEQUENCE_INSIDE)
    return log_of(connection).last_position()


def _sequence(log: Log, alias: str) -> int:
    if not bring_up_to_date(log, seconds=_SECONDS):
        raise TimeoutError(f"Another session has held the sequencer of database {alias!r} for {_SECONDS} s.")
    return log.last_position()
