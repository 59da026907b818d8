"""``signals reject``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.core.management.base import CommandParser

from heliograph.delivery.operate.letters import Rejected, reject
from heliograph.management.columns import amount
from heliograph.management.verbs.numbers import located, number
from heliograph.management.verbs.verb import Answer, Verb, add_database, asked, by_database


def _arguments(parser: CommandParser) -> None:
    parser.add_argument("ids", metavar="ID", nargs="+", type=number, help="Numbers, as `signals dead` shows them.")
    add_database(parser)


def _run(options: Mapping[str, Any]) -> Answer:
    found = {alias: (some, reject(alias, some)) for alias, some in located(asked(options), options["ids"]).items()}
    return Answer(text=by_database({alias: _text(len(some), each) for alias, (some, each) in found.items()}))


def _text(asked_for: int, rejected: Rejected) -> str:
    text = f"{amount(rejected.count, 'delivery', 'deliveries')} let go."
    if rejected.count < asked_for:
        text += f" {asked_for - rejected.count:,} had ended by then."
    if rejected.released:
        text += f" {amount(rejected.released, 'event that waited is', 'events that waited are')} due now."
    return text


REJECT = Verb(
    help="Let dead letters or other open deliveries go.",
    arguments=_arguments,
    run=_run,
)
