"""A long log in a short time: copies of events that were sent."""

from django.db import connection

#: In chunks, as a log is not written in one transaction.
_CHUNK = 10_000

#: Each copy has an id of its own, its own number in the payload and, where it has a key, the key of that number.
_CLONE = """
    INSERT INTO heliograph_event (uuid, signal_id, sender, key, payload, headers)
    SELECT gen_random_uuid(), model.signal_id, model.sender,
           CASE WHEN model.key IS NOT NULL THEN (number %% %(keys)s)::text END,
           jsonb_set(model.payload::jsonb, '{number}', to_jsonb(number))::json, model.headers
    FROM generate_series(%(first)s, %(last)s) number
    JOIN heliograph_event model ON model.id = CASE WHEN %(every)s > 0 AND number %% %(every)s <> 0 THEN 2 ELSE 1 END
    ORDER BY number
"""


def clone(count: int, *, keys: int, every: int = 0) -> None:
    """Fill the log up to so many events, all copies of its first one.

    Args:
        keys: how many there are.
        every: if above 0, only every so many-th is, and the others are copies of the second one.
    """
    with connection.cursor() as cursor:
        for first in range(2 if every else 1, count, _CHUNK):
            given = {"first": first, "last": min(first + _CHUNK, count) - 1, "keys": keys, "every": every}
            cursor.execute(_CLONE, given)


def sequence() -> None:
    """Give all events their positions."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT heliograph_sequence()")
