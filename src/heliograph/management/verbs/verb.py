"""What a verb of ``manage.py signals`` is, and what several of them ask for."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.core.management.base import CommandParser

from heliograph.delivery.operate.databases import database, databases


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a verb has to say.

    Attributes:
        text: for the standard output; nothing is written for an empty one.
        code: exit code: 0, or 1 if it has found a problem.
    """

    text: str
    code: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Verb:
    """A verb.

    Attributes:
        help: what it does, in one line.
        arguments: adds those that it takes to a parser.
        run: does it, with the arguments by name.
    """

    help: str
    arguments: Callable[[CommandParser], None]
    run: Callable[[Mapping[str, Any]], Answer]


def add_database(parser: CommandParser) -> None:
    """Let a verb be asked for one database."""
    parser.add_argument("--database", metavar="ALIAS", help="Default: every database that has an event log.")


def add_format(parser: CommandParser) -> None:
    """Let a verb answer to people and to programs."""
    parser.add_argument("--format", choices=("text", "json"), default="text", help="Default: text.")


def asked(options: Mapping[str, Any]) -> list[str]:
    """Return the databases that a verb is asked for.

    Raises:
        NoEventLogError: the one that is named has no event log, or none has.
    """
    named = options["database"]
    return databases() if named is None else [database(named)]


def as_json(value: Any) -> str:
    """Return what a program reads."""
    return json.dumps(value, indent=2)


def by_database(texts: Mapping[str, str]) -> str:
    """Return what is to be said of databases, under their aliases if there are several."""
    if len(texts) == 1:
        return "".join(texts.values())
    return "\n\n".join(f"database {alias}\n\n{text}" for alias, text in texts.items())
