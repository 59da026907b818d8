"""Bringing the order of the log up to date before somebody looks at it."""

from __future__ import annotations

import logging
from typing import Any

from django.db import DatabaseError

from heliograph.log.log import log_of
from heliograph.log.steps import bring_up_to_date

logger = logging.getLogger("heliograph.operate")

_SECONDS = 1


def sequence_committed(connection: Any) -> None:
    """Have everything that has been committed given its position, where that can be done.

    Within a transaction it cannot, nor with a role that may only read: then what the last worker has done is shown.
    """
    if connection.in_atomic_block or not connection.get_autocommit():
        return
    try:
        bring_up_to_date(log_of(connection), seconds=_SECONDS)
    except DatabaseError as error:
        logger.warning("The newest events of database %r may be missing: %s", connection.alias, error)
