"""``manage.py signals``: forwards to its verbs."""

from __future__ import annotations

import argparse
import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import Error

from heliograph.errors import HeliographError
from heliograph.management.verbs import VERBS


class Command(BaseCommand):
    """Show and operate signals, durable receivers and workers."""

    help = "Show and operate signals, durable receivers and workers."
    # Whoever asks why a receiver does not run must not be turned away by the check that has found the reason.
    requires_system_checks: list[str] = []  # noqa: RUF012 - as Django declares it

    def add_arguments(self, parser: CommandParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
        for name, verb in VERBS.items():
            its_own = verbs.add_parser(name, help=verb.help, description=verb.help)
            verb.arguments(its_own)
            # Django reads these wherever they stand, argparse only in front of the verb.
            its_own.add_argument("--settings", help=argparse.SUPPRESS)
            its_own.add_argument("--pythonpath", help=argparse.SUPPRESS)

    def handle(self, *, verb: str, **options: Any) -> None:
        try:
            answer = VERBS[verb].run(options)
        except HeliographError as error:
            raise CommandError(str(error), returncode=2) from None
        except Error as error:
            raise CommandError(f"The database has refused: {error}", returncode=1) from error
        if answer.text:
            self.stdout.write(answer.text)
        if answer.code:
            sys.exit(answer.code)
