"""What a worker logs of deliveries that did not succeed."""

from __future__ import annotations

import logging
from typing import Any

from heliograph.delivery.decisions.states import State
from heliograph.delivery.decisions.verdict import Verdict
from heliograph.delivery.worker.reading import Reading

logger = logging.getLogger("heliograph.worker")


def tell(reading: Reading, position: int, verdict: Verdict, error: dict[str, Any] | None) -> None:
    """Log what has become of a delivery, if something went wrong."""
    if error is None:
        return
    what = f"{error['type']}: {error['message']}"
    if verdict.state is State.DEAD:
        logger.error(
            "%s: the event at position %d of database %r is a dead letter (attempts: %d, kills: %d): %s. "
            "manage.py signals dead shows it, signals retry tries it again",
            *(reading.name, position, reading.alias, verdict.attempts, verdict.kills, what),
        )
        return
    logger.warning(
        "%s: failed at the event at position %d of database %r (attempt %d of %d, kills: %d): %s; again in %.1f s",
        *(reading.name, position, reading.alias, verdict.attempts, reading.receiver.options.retry.max_attempts),
        *(verdict.kills, what, verdict.wait_seconds or 0.0),
    )
