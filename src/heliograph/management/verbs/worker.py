"""``signals worker``."""

from __future__ import annotations

import argparse
import difflib
import logging
import time
from collections.abc import Mapping, Sequence
from typing import Any

from django.core import checks
from django.core.management.base import CommandError, CommandParser
from django.db import connections

from heliograph.delivery.declaration.registry import durable_receivers
from heliograph.delivery.worker.process import run
from heliograph.management.verbs.verb import Answer, Verb


def _threads(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of threads; give 1 or more")
    return int(text)


def _arguments(parser: CommandParser) -> None:
    parser.add_argument(
        "--threads", type=_threads, default=1, metavar="N", help="Receivers that run at once. Default: 1."
    )
    parser.add_argument(
        "--only", action="append", default=[], metavar="NAME", help="Run this durable receiver only; may be repeated."
    )
    parser.add_argument("--drain", action="store_true", help="Stop when nothing is owed and due.")


def _run(options: Mapping[str, Any]) -> Answer:
    _refuse_unknown(options["only"])
    _refuse_inside_a_transaction()
    errors = [each for each in checks.run_checks(tags=["heliograph"]) if each.is_serious()]
    if errors:
        found = "\n".join(f"  - {each.msg} ({each.id})" for each in errors)
        raise CommandError(f"The worker does not start: manage.py check finds\n{found}", returncode=1)
    _let_be_seen()
    went_well = run(threads=options["threads"], only=options["only"], drain=options["drain"])
    return Answer(text="", code=0 if went_well else 1)


def _refuse_unknown(names: Sequence[str]) -> None:
    known = [each.name for each in durable_receivers()]
    for name in names:
        if name not in known:
            near = difflib.get_close_matches(name, known, n=1)
            remedy = f"Did you mean {near[0]!r}?" if near else f"There are: {', '.join(known) or 'none'}."
            raise CommandError(f"There is no durable receiver {name!r}. {remedy}", returncode=2)


def _refuse_inside_a_transaction() -> None:
    """Refuse to wait for what no worker can see, or can write while it is locked: most likely this is a test."""
    for connection in connections.all(initialized_only=True):
        if connection.in_atomic_block:
            raise CommandError(
                f"A transaction is open on {connection.alias!r}, and a worker sees only what is committed. In a test: "
                "TransactionTestCase in place of TestCase; with pytest-django, django_db(transaction=True).",
                returncode=2,
            )


def _let_be_seen() -> None:
    """Write what the worker logs to the terminal, unless the project has said where it goes."""
    logger = logging.getLogger("heliograph")
    if not logger.hasHandlers():
        handler = logging.StreamHandler()
        formatter = logging.Formatter("%(asctime)s UTC %(levelname)s %(message)s", "%Y-%m-%d %H:%M:%S")
        formatter.converter = time.gmtime  # as the other verbs show times, whatever TIME_ZONE is
        handler.setFormatter(formatter)
        logger.addHandler(handler)
        logger.setLevel(logging.INFO)


WORKER = Verb(help="Run durable receivers until SIGTERM.", arguments=_arguments, run=_run)
