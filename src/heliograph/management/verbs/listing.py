"""``signals list``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from heliograph.management.tables import listeners_text
from heliograph.management.verbs.verb import Answer, Verb, add_format, as_json
from heliograph.observe.listeners import listeners, unheard


def _run(options: Mapping[str, Any]) -> Answer:
    rows = listeners()
    if options["format"] == "json":
        return Answer(text=as_json([asdict(row) for row in rows]))
    return Answer(text=listeners_text(rows, unheard()))


LIST = Verb(help="Show what is connected to what.", arguments=add_format, run=_run)
