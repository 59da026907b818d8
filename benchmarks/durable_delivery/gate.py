"""A gate in a PostgreSQL database, through which processes go at one moment."""

from durable_delivery.stores.store import Execute

_NUMBER = 20_001
#: For the keeper, and for those who wait.
CLOSE = f"SELECT pg_advisory_lock({_NUMBER})"
OPEN = f"SELECT pg_advisory_unlock({_NUMBER})"
PASS = f"SELECT pg_advisory_lock_shared({_NUMBER})"
_WAITING = f"""
    SELECT count(*) FROM pg_locks JOIN pg_database ON pg_database.oid = pg_locks.database
    WHERE locktype = 'advisory' AND objid = {_NUMBER} AND NOT granted AND datname = current_database()
"""


def waiting(execute: Execute) -> int:
    """Return how many wait before the gate of a database."""
    ((count,),) = execute(_WAITING)
    return int(count)
