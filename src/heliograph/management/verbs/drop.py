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
    with_it = (
        f", and with it {amount(dropped.deliveries, 'open delivery', 'open deliveries')}" if dropped.deliveries else ""
    )
    return f"{dropped.name} is dropped{with_it}."


DROP = Verb(help="Drop an orphaned receiver with what it is owed.", arguments=_arguments, run=_run)
