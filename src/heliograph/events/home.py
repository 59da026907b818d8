"""Which database a model instance is written to."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from django.db.models import Model


def home_of(instance: Model, routers: Iterable[Any]) -> str | None:
    """Return the alias of the database that ``instance.save()`` writes to.

    Args:
        routers: ``django.db.router.routers``.

    Returns:
        What the routers say, else where the instance comes from; None where it is not saved yet and no router has an
        opinion. (Django's own ``router.db_for_write`` says ``default`` then, as it does for a router that means it.)
    """
    for router in routers:
        db_for_write = getattr(router, "db_for_write", None)
        if db_for_write is not None and (alias := db_for_write(type(instance), instance=instance)):
            return str(alias)
    return instance._state.db
