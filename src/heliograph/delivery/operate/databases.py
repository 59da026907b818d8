"""The databases that have an event log."""

from __future__ import annotations

from django.db import Error, connections, router

from heliograph.errors import NoEventLogError

_VENDORS = ("postgresql", "sqlite")

#: The last table that heliograph's migrations make.
_TABLE = "heliograph_delivery"


def databases() -> list[str]:
    """Return the aliases of the databases that have an event log.

    Raises:
        NoEventLogError: there is none.
    """
    found = [alias for alias in connections if not _lacks(alias)]
    if not found:
        raise NoEventLogError(
            "No database has an event log. Put 'heliograph' in INSTALLED_APPS and run manage.py migrate."
        )
    return found


def databases_to_work_for() -> list[str]:
    """Return the databases that have an event log, and those that cannot be asked now and may have one.

    Raises:
        NoEventLogError: there is none.
    """
    found = [alias for alias in connections if _may_have_one(alias)]
    return found or databases()


def database(alias: str) -> str:
    """Return an alias whose database has an event log.

    Raises:
        NoEventLogError: it has none; the message says why.
    """
    if lack := _lacks(alias):
        raise NoEventLogError(f"Database {alias!r} {lack}")
    return alias


def _may_have_one(alias: str) -> bool:
    try:
        return not _lacks(alias)
    except Error:
        return True


def _lacks(alias: str) -> str:
    """Return why a database has no event log; nothing if it has one."""
    if alias not in connections:
        return f"is not in DATABASES, which has {', '.join(sorted(connections))}."
    connection = connections[alias]
    if connection.vendor not in _VENDORS:
        return f"can have no event log: it is {connection.display_name}, not PostgreSQL or SQLite."
    if not router.allow_migrate(alias, "heliograph"):
        return "has no event log: a router in DATABASE_ROUTERS keeps heliograph out of it."
    if _TABLE not in connection.introspection.table_names():
        return f"has no event log yet. Run manage.py migrate --database={alias}."
    return ""
