"""``signals replay``."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from typing import Any

from django.core.management.base import CommandError, CommandParser

from heliograph.delivery.operate.replaying import Chosen, Replayed, replay
from heliograph.delivery.operate.subscriptions import where
from heliograph.management.columns import amount
from heliograph.management.times import past
from heliograph.management.verbs.verb import Answer, Verb, add_database, asked, by_database


def _position(text: str) -> int:
    if not text.isdecimal() or int(text) >= 2**63:
        raise argparse.ArgumentTypeError(
            f"{text!r} is no position; `manage.py signals events` shows them, 0 is for all"
        )
    return int(text)


def _arguments(parser: CommandParser) -> None:
    parser.add_argument("name", metavar="NAME", help="Name of the durable receiver.")
    parser.add_argument(
        "--since", metavar="TIME", type=past, help="Sent then or later: 2026-01-31T14:30, or 2h for 2 hours ago."
    )
    parser.add_argument(
        "--from-position", metavar="N", type=_position, help="At this position or behind it; 0 for all."
    )
    parser.add_argument("--key", help="Of this ordering key only.")
    parser.add_argument("--dry-run", action="store_true", help="Tell how many there are, and change nothing.")
    add_database(parser)


def _run(options: Mapping[str, Any]) -> Answer:
    name, dry_run = options["name"], options["dry_run"]
    if options["since"] is options["from_position"] is options["key"] is None:
        raise CommandError(
            "Say which events: --since TIME, --from-position N (0 for all) or --key KEY; together they narrow it down.",
            returncode=2,
        )
    chosen = Chosen(since=options["since"], from_position=options["from_position"] or 0, key=options["key"])
    found = {alias: replay(alias, name, chosen, dry_run=dry_run) for alias in where(asked(options), name)}
    return Answer(text=by_database({alias: _text(name, each, dry_run=dry_run) for alias, each in found.items()}))


def _text(name: str, replayed: Replayed, *, dry_run: bool) -> str:
    left = f" {amount(replayed.left, 'event is', 'events are')} on the way already." if replayed.left else ""
    if not replayed.due and not replayed.held:
        return f"Nothing to replay: {name} has passed no such event that is still in the log.{left}"
    if dry_run:
        return f"{amount(replayed.due, 'event')} would be delivered to {name} again.{left}"
    held = f", {replayed.held:,} held behind them" if replayed.held else ""
    return f"Replaying to {name}: {amount(replayed.due, 'event')} due now{held}.{left}"


REPLAY = Verb(help="Deliver events again that a receiver has had.", arguments=_arguments, run=_run)
