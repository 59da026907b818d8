"""``signals dead``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.core.management.base import CommandParser

from heliograph.delivery.operate.letters import Letter, dead
from heliograph.management.columns import amount, moment, shortened
from heliograph.management.verbs.verb import Answer, Verb, add_database, add_format, as_json, asked, by_database

_MESSAGE_LENGTH = 400


def _arguments(parser: CommandParser) -> None:
    add_database(parser)
    add_format(parser)


def _run(options: Mapping[str, Any]) -> Answer:
    found = {alias: list(dead(alias)) for alias in asked(options)}
    if options["format"] == "json":
        several = len(found) > 1
        return Answer(
            text=as_json([_plain(alias if several else None, e) for alias, some in found.items() for e in some])
        )
    return Answer(text=by_database({alias: _text(some) for alias, some in found.items()}))


def _plain(alias: str | None, letter: Letter) -> dict[str, Any]:
    return {
        **({} if alias is None else {"database": alias}),
        "id": letter.id,
        "receiver": letter.receiver,
        "event_id": None if letter.event_id is None else str(letter.event_id),
        "signal": letter.signal,
        "key": letter.key,
        "attempts": letter.attempts,
        "kills": letter.kills,
        "errors": letter.errors,
    }


def _text(letters: Sequence[Letter]) -> str:
    if not letters:
        return "There is no dead letter."
    blocks = ["\n".join(_lines(each)) for each in letters]
    blocks.append(
        f"{amount(len(letters), 'dead letter')}. Whole tracebacks: --format json.\n"
        "Try again: manage.py signals retry ID. Let go: manage.py signals reject ID."
    )
    return "\n\n".join(blocks)


def _lines(letter: Letter) -> list[str]:
    key = "" if letter.key is None else f", key {letter.key}"
    deaths = f", {amount(letter.kills, 'death')} of its process" if letter.kills else ""
    lines = [
        f"{letter.id}  {letter.receiver}",
        f"  event     {letter.event_id or 'is not in the log any more'}",
        f"  signal    {letter.signal}{key}",
        f"  attempts  {letter.attempts}{deaths}",
    ]
    return lines + (_error_lines(letter.errors[-1]) if letter.errors else ["  error     none has been kept"])


def _error_lines(error: Mapping[str, Any]) -> list[str]:
    first, *rest = shortened(f"{error.get('type')}: {error.get('message')}", _MESSAGE_LENGTH).splitlines() or [""]
    frames = [line.strip() for line in str(error.get("traceback", "")).splitlines() if line.startswith("  File ")]
    return [
        f"  error     {first}",
        *(f"            {line}" for line in rest),
        *(f"  raised    {frame.removeprefix('File ')}" for frame in frames[-1:]),
        f"  when      {_when(error.get('at'))} by {error.get('worker')}",
    ]


def _when(at: Any) -> str:
    try:
        return moment(datetime.fromisoformat(at))
    except (TypeError, ValueError):
        return str(at)


DEAD = Verb(help="Show the dead letters, each with its last error.", arguments=_arguments, run=_run)
