"""``signals drop``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.core.management.base import CommandParser

from heliograph.delivery.operate.dropping import Dropped, drop
from heliograph.delivery.operate.subscriptions import where
from heliograph.management.columns import amount
from heliograph.management.verbs.verb import Answer, Verb, add_database, asked, by_database


def _arguments(parser: CommandParser) -> None:
    parser.add_argument("name", metavar="NAME", help="Name of the durable receiver that is gone.")
    add_database(parser)


def _run(options: Mapping[str, Any]) -> Answer:
    name = options["name"]
    return Answer(text=by_database({alias: _text(drop(alias, name)) for alias in where(asked(options), name)}))


def _text(dropped: Dropped) -> str:
    gone = []
    if dropped.lag:
        least = "at least " if dropped.lag_is_estimate else ""
        gone.append(f"{least}{amount(dropped.lag, 'event')} that it had not come to")
    if dropped.deliveries:
        gone.append(amount(dropped.deliveries, "open delivery", "open deliveries"))
    return f"{dropped.name} is dropped{', and with it ' if gone else ''}{' and '.join(gone)}."


DROP = Verb(help="Drop an orphaned receiver with what it is owed.", arguments=_arguments, run=_run)
