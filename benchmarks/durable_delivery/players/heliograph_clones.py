"""A long log in a short time: copies of events that were sent."""

from django.db import connection

#: In chunks, as a log is not written in one transaction.
_CHUNK = 10_000

#: Each copy has an id and a transaction of its own, and its own number in the payload.
_CLONE = """
    INSERT INTO heliograph_event (uuid, signal_id, sender, key, payload, headers)
    SELECT gen_random_uuid(), model.signal_id, model.sender, model.key,
           jsonb_set(model.payload::jsonb, '{number}', to_jsonb(number))::json, model.headers
    FROM generate_series(%(first)s, %(last)s) number
    JOIN heliograph_event model ON model.id = CASE WHEN %(every)s > 0 AND number %% %(every)s <> 0 THEN 2 ELSE 1 END
    ORDER BY number
"""


def clone(count: int, *, every: int = 0) -> None:
    """Fill the log up to so many events, all copies of its first one.

    Args:
        every: if above 0, only every so many-th is, and the others are copies of the second one.
    """
    with connection.cursor() as cursor:
        for first in range(2 if every else 1, count, _CHUNK):
            given = {"first": first, "last": min(first + _CHUNK, count) - 1, "every": every}
            cursor.execute(_CLONE, given)


def sequence() -> None:
    """Give all events their positions."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT heliograph_sequence()")
