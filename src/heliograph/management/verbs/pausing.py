"""``signals pause`` and ``signals resume``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.core.management.base import CommandParser

from heliograph.delivery.operate.pausing import pause, resume
from heliograph.delivery.operate.subscriptions import where
from heliograph.management.verbs.verb import Answer, Verb, add_database, asked, by_database


def _arguments(parser: CommandParser) -> None:
    parser.add_argument("name", metavar="NAME", help="Name of the durable receiver.")
    add_database(parser)


def _pause(options: Mapping[str, Any]) -> Answer:
    name = options["name"]
    moved = {alias: pause(alias, name) for alias in where(asked(options), name)}
    paused = f"{name} is paused; its events are kept until: manage.py signals resume {name}"
    return Answer(text=by_database({a: paused if new else f"{name} was paused already." for a, new in moved.items()}))


def _resume(options: Mapping[str, Any]) -> Answer:
    name = options["name"]
    moved = {alias: resume(alias, name) for alias in where(asked(options), name)}
    resumed = f"{name} goes on where it had stopped."
    return Answer(text=by_database({a: resumed if new else f"{name} was not paused." for a, new in moved.items()}))


PAUSE = Verb(help="Stop a durable receiver; its events are kept.", arguments=_arguments, run=_pause)
RESUME = Verb(help="Let a paused durable receiver go on.", arguments=_arguments, run=_resume)
