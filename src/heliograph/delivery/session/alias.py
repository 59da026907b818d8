"""Which database a sending belongs to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from heliograph.events.home import home_of


def alias_of(sender: object, named: Mapping[str, Any]) -> str:
    """Return the alias of the database whose transaction a sending is part of.

    Args:
        sender: what the signal is sent from.
        named: what is sent.

    Returns:
        ``using`` as it was sent, if it names a database, else the alias that all model instances sent, and the one
        they are sent from, are written to, else where the router writes the model that is the sender, else
        ``default``. A transaction that happens to be open changes nothing of this.
    """
    from django.db import DEFAULT_DB_ALIAS, connections, models, router

    using = named.get("using")
    if isinstance(using, str) and using in connections:
        return using
    routers = router.routers
    aliases = {
        home_of(value, routers) if routers else value._state.db
        for value in (sender, *named.values())
        # Not isinstance: that would wake the lazy objects which may be sent.
        if issubclass(type(value), models.Model)
    } - {None}
    if len(aliases) == 1:
        return str(aliases.pop())
    if isinstance(sender, type) and issubclass(sender, models.Model):
        return router.db_for_write(sender)
    return DEFAULT_DB_ALIAS
