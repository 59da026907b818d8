"""``signals status``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from django.core.management.base import CommandParser

from heliograph.delivery.operate.status import Status, SubscriptionStatus, status
from heliograph.management.columns import aligned, amount, duration
from heliograph.management.verbs.verb import Answer, Verb, add_database, add_format, as_json, asked, by_database

_RECEIVERS = ("state", "lag", "oldest", "retrying", "held", "dead", "owned", "receiver")
_WORKERS = ("state", "last sign", "partitions", "worker")


def _arguments(parser: CommandParser) -> None:
    add_database(parser)
    add_format(parser)


def _run(options: Mapping[str, Any]) -> Answer:
    found = {alias: status(alias) for alias in asked(options)}
    code = 1 if any(each.problems() for each in found.values()) else 0
    if options["format"] == "json":
        return Answer(text=as_json(_plain(found)), code=code)
    return Answer(text=by_database({alias: _text(each) for alias, each in found.items()}), code=code)


def _plain(found: Mapping[str, Status]) -> dict[str, Any]:
    """Return all databases as one; which is which is told if there are several."""
    plain: dict[str, Any] = {"subscriptions": [], "workers": []}
    for alias, each in found.items():
        origin = {"database": alias} if len(found) > 1 else {}
        for kind, rows in asdict(each).items():
            plain[kind] += [{**origin, **row} for row in rows]
    return plain


def _text(found: Status) -> str:
    blocks = [_receivers(found), _workers(found)]
    if problems := found.problems():
        blocks.append([amount(len(problems), "problem"), *(f"  - {each}" for each in problems)])
    return "\n\n".join("\n".join(lines) for lines in blocks)


def _receivers(found: Status) -> list[str]:
    if not found.subscriptions:
        return ["No durable receiver is registered. manage.py migrate registers those that are declared."]
    return aligned([_RECEIVERS, *map(_row, found.subscriptions)], numbers=range(1, 7))


def _row(each: SubscriptionStatus) -> tuple[str, ...]:
    return (
        each.state,
        f"≥ {each.lag:,}" if each.lag_is_estimate else f"{each.lag:,}",
        duration(each.oldest_seconds),
        *(f"{count:,}" for count in (each.retrying, each.held, each.dead)),
        f"{sum(1 for partition in each.partitions if partition.owner)}/{len(each.partitions)}",
        each.name,
    )


def _workers(found: Status) -> list[str]:
    if not found.workers:
        return ["No worker."]
    rows = [
        (each.state, f"{duration(each.seconds_since_heartbeat)} ago", str(each.partitions), f"{each.host}:{each.pid}")
        for each in found.workers
    ]
    return aligned([_WORKERS, *rows], numbers=(1, 2))


STATUS = Verb(
    help="Show how durable receivers and workers are doing.",
    arguments=_arguments,
    run=_run,
)
