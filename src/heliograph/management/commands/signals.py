"""``manage.py signals``: who listens to what, and what a sending would do."""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from heliograph.errors import UnknownSenderError, UnknownSignalError
from heliograph.management.tables import explanation_text, listeners_text
from heliograph.observe.explain import explain, find_sender
from heliograph.observe.listeners import listeners, unheard
from heliograph.observe.signals import find_signal


class Command(BaseCommand):
    """Show signals and their receivers."""

    help = "Show signals and their receivers."
    # Whoever asks why a receiver does not run must not be turned away by the check that has found the reason.
    requires_system_checks: list[str] = []  # noqa: RUF012 - as Django declares it

    def add_arguments(self, parser: CommandParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
        shown = verbs.add_parser("list", help="Show what is connected to what.")
        shown.add_argument("--format", choices=("text", "json"), default="text", help="Default: text.")
        explained = verbs.add_parser("explain", help="Show who would run when a signal is sent, and why others not.")
        explained.add_argument("signal", metavar="SIGNAL", help="Name of the signal, or its end: post_save.")
        explained.add_argument("--sender", metavar="LABEL", help="The sender: app_label.Model, or a class's path.")
        explained.add_argument("--format", choices=("text", "json"), default="text", help="Default: text.")

        for verb in (shown, explained):
            # Django reads these wherever they stand, argparse only in front of the verb.
            verb.add_argument("--settings", help=argparse.SUPPRESS)
            verb.add_argument("--pythonpath", help=argparse.SUPPRESS)

    def handle(self, *, verb: str, **options: Any) -> None:
        self.stdout.write({"list": self._list, "explain": self._explain}[verb](options))

    def _list(self, options: dict[str, Any]) -> str:
        rows = listeners()
        if options["format"] == "json":
            return json.dumps([asdict(row) for row in rows], indent=2)
        return listeners_text(rows, unheard())

    def _explain(self, options: dict[str, Any]) -> str:
        try:
            signal = find_signal(options["signal"])
            sender = find_sender(options["sender"]) if options["sender"] else None
        except (UnknownSignalError, UnknownSenderError) as error:
            raise CommandError(str(error), returncode=2) from None
        explanation = explain(signal, sender)
        if options["format"] == "json":
            silent = [{**asdict(row), "reason": reason} for row, reason in explanation.silent]
            return json.dumps({"runs": [asdict(row) for row in explanation.runs], "silent": silent}, indent=2)
        return explanation_text(signal, sender, explanation)
