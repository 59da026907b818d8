"""``signals retry``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.core.management.base import CommandError, CommandParser

from heliograph.delivery.decisions.states import State
from heliograph.delivery.operate.letters import Retried, retry
from heliograph.delivery.operate.subscriptions import where
from heliograph.management.columns import amount
from heliograph.management.verbs.numbers import located, number
from heliograph.management.verbs.verb import Answer, Verb, add_database, asked, by_database

_WHY = {
    State.RUNNING: "is being tried right now",
    State.HELD: "waits for an earlier event of its key",
    State.DONE: "is gone: done, or let go",
}


def _arguments(parser: CommandParser) -> None:
    parser.add_argument("ids", metavar="ID", nargs="*", type=number, help="Numbers, as `signals dead` shows them.")
    parser.add_argument("--receiver", metavar="NAME", help="All of this durable receiver.")
    parser.add_argument("--all", action="store_true", help="All of them.")
    parser.add_argument("--dry-run", action="store_true", help="Tell how many there are, and change nothing.")
    add_database(parser)


def _run(options: Mapping[str, Any]) -> Answer:
    ids, receiver = options["ids"], options["receiver"]
    if bool(ids) + (receiver is not None) + options["all"] != 1:
        raise CommandError("Give numbers, or --receiver NAME, or --all: one of the three.", returncode=2)
    aliases, dry_run = asked(options), options["dry_run"]
    if ids:
        chosen = {alias: retry(alias, ids=some, dry_run=dry_run) for alias, some in located(aliases, ids).items()}
    else:
        aliases = aliases if receiver is None else where(aliases, receiver)
        chosen = {alias: retry(alias, receiver=receiver, dry_run=dry_run) for alias in aliases}
    texts = {alias: _text(each, dry_run=dry_run) for alias, each in chosen.items()}
    return Answer(text=by_database(texts), code=1 if any(each.left for each in chosen.values()) else 0)


def _text(retried: Retried, *, dry_run: bool) -> str:
    lines = [f"{number} {_WHY.get(state, f'is {state}')}." for number, state in retried.left.items()]
    if dry_run:
        lines.insert(0, f"{amount(retried.due, 'delivery', 'deliveries')} would be tried again.")
    elif retried.due or retried.held:
        lines.insert(0, _moved(retried))
    elif not lines:
        lines = ["Nothing to retry: there is no dead letter, and none that waits for its time."]
    return "\n".join(lines)


def _moved(retried: Retried) -> str:
    parts: Sequence[str] = [
        f"{amount(retried.due, 'delivery', 'deliveries')} due now" if retried.due else "",
        f"{retried.held:,} held behind earlier events of their keys" if retried.held else "",
    ]
    return f"Retrying: {', '.join(filter(None, parts))}."


RETRY = Verb(
    help="Try dead letters again, and what waits for its time.",
    arguments=_arguments,
    run=_run,
)
