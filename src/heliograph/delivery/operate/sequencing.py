"""Bringing the order of the log up to date before somebody looks at it."""

from __future__ import annotations

import logging
import time
from typing import Any

from django.db import DatabaseError

from heliograph.log.log import log_of

logger = logging.getLogger("heliograph.operate")

_SECONDS = 1
_BETWEEN_SECONDS = 0.001


def bring_up_to_date(connection: Any) -> None:
    """Have everything that has been committed given its position, where that can be done.

    Within a transaction it cannot, nor with a role that may only read: then what the last worker has done is shown.
    """
    if connection.in_atomic_block or not connection.get_autocommit():
        return
    log, deadline = log_of(connection), time.monotonic() + _SECONDS
    try:
        # Another session that is at it may have looked before the last commit, so its step does not do.
        while log.sequence() is None and time.monotonic() < deadline:
            time.sleep(_BETWEEN_SECONDS)
    except DatabaseError as error:
        logger.warning("The newest events of database %r may be missing: %s", connection.alias, error)
