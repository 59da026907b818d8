"""``signals events``."""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping, Sequence
from datetime import UTC
from typing import Any

from django.core.management.base import CommandParser

from heliograph.delivery.operate.events import events, recorded_in
from heliograph.log.selection import Listed
from heliograph.management.columns import moment, shortened
from heliograph.management.times import past
from heliograph.management.verbs.verb import Answer, Verb, add_database, add_format, as_json, asked, by_database

_PAYLOAD_LENGTH = 400


def _arguments(parser: CommandParser) -> None:
    parser.add_argument("--signal", metavar="NAME", help="Only this signal; the end of its name suffices.")
    parser.add_argument("--key", help="Only events of this ordering key.")
    parser.add_argument(
        "--since", metavar="TIME", type=past, help="Sent then or later: 2026-01-31T14:30, or 2h for 2 hours ago."
    )
    parser.add_argument("--limit", metavar="N", type=_limit, default=20, help="How many. Default: 20.")
    add_database(parser)
    add_format(parser)


def _limit(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 1_000_000:
        raise argparse.ArgumentTypeError(f"{text!r} is no number from 1 to 1000000")
    return int(text)


def _run(options: Mapping[str, Any]) -> Answer:
    aliases = asked(options)
    if options["signal"] is not None:
        aliases = recorded_in(aliases, options["signal"])
    choice = {name: options[name] for name in ("signal", "key", "since", "limit")}
    found = {alias: events(alias, **choice) for alias in aliases}
    if options["format"] == "json":
        several = len(found) > 1
        return Answer(
            text=as_json([_plain(alias if several else None, e) for alias, some in found.items() for e in some])
        )
    return Answer(text=by_database({alias: _text(some) for alias, some in found.items()}))


def _plain(alias: str | None, each: Listed) -> dict[str, Any]:
    return {
        **({} if alias is None else {"database": alias}),
        "id": str(each.id),
        "position": each.position,
        "signal": each.signal,
        "sender": each.sender,
        "key": each.key,
        "sent_at": each.sent_at.astimezone(UTC).isoformat(),
        "payload": _payload(each),
    }


def _payload(each: Listed) -> Any:
    try:
        return json.loads(each.payload)
    except ValueError:  # somebody has written to the table; that is to be seen, not to stop the rest
        return each.payload


def _text(some: Sequence[Listed]) -> str:
    if not some:
        return "There is no such event."
    return "\n\n".join("\n".join(_lines(each)) for each in some)


def _lines(each: Listed) -> list[str]:
    return [
        f"{each.position}  {each.signal}  {moment(each.sent_at)}",
        f"  id       {each.id}",
        *([] if each.sender is None else [f"  sender   {each.sender}"]),
        *([] if each.key is None else [f"  key      {each.key}"]),
        f"  payload  {shortened(json.dumps(_payload(each), ensure_ascii=False), _PAYLOAD_LENGTH)}",
    ]


EVENTS = Verb(help="Show the newest events of the log.", arguments=_arguments, run=_run)
