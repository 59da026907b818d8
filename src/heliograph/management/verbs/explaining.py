"""``signals explain``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from django.core.management.base import CommandParser

from heliograph.management.tables import explanation_text
from heliograph.management.verbs.verb import Answer, Verb, add_format, as_json
from heliograph.observe.explain import explain, find_sender
from heliograph.observe.signals import find_signal


def _arguments(parser: CommandParser) -> None:
    parser.add_argument("signal", metavar="SIGNAL", help="Name of the signal, or its end: post_save.")
    parser.add_argument("--sender", metavar="LABEL", help="The sender: app_label.Model, or a class's path.")
    add_format(parser)


def _run(options: Mapping[str, Any]) -> Answer:
    signal = find_signal(options["signal"])
    sender = find_sender(options["sender"]) if options["sender"] else None
    explanation = explain(signal, sender)
    if options["format"] == "json":
        silent = [{**asdict(row), "reason": reason} for row, reason in explanation.silent]
        return Answer(text=as_json({"runs": [asdict(row) for row in explanation.runs], "silent": silent}))
    return Answer(text=explanation_text(signal, sender, explanation))


EXPLAIN = Verb(help="Show who would run when a signal is sent, and who not.", arguments=_arguments, run=_run)
