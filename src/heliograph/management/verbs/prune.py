"""``signals prune``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from heliograph.delivery.operate.pruning import Pruned, prune
from heliograph.management.columns import amount, duration
from heliograph.management.verbs.verb import Answer, Verb, add_database, asked, by_database
from heliograph.settings import options as settings


def _run(options: Mapping[str, Any]) -> Answer:
    return Answer(text=by_database({alias: _text(prune(alias)) for alias in asked(options)}))


def _text(pruned: Pruned) -> str:
    if not (pruned.events or pruned.steps or pruned.workers):
        kept = duration(settings().RETENTION_SECONDS)
        return f"Nothing to prune: events stay until all have passed them, and then for RETENTION_SECONDS ({kept})."
    return (
        f"Deleted {amount(pruned.events, 'event')}, {amount(pruned.steps, 'step')} of the sequencer and "
        f"{amount(pruned.workers, 'worker')} that had been gone for a day."
    )


PRUNE = Verb(
    help="Delete events that nobody needs any more.",
    arguments=add_database,
    run=_run,
)
