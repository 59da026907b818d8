"""SQLite databases where a writer that waits for another fails instead."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage
from django.core.checks import Warning as CheckWarning

_WAL = re.compile(r"journal_mode\s*=\s*['\"]?wal\b", re.IGNORECASE)
_REMEDY = '"OPTIONS": {"transaction_mode": "IMMEDIATE", "init_command": "PRAGMA journal_mode=WAL"}'


def sqlite_can_wait(**_: Any) -> list[CheckMessage]:
    """Find SQLite databases without write-ahead log or immediate transactions."""
    return [
        CheckWarning(
            f"The SQLite database {alias!r} has no {' and no '.join(missing)}: "
            'of two processes that write at one time, one may fail with "database is locked".',
            hint=f"Add to DATABASES[{alias!r}]: {_REMEDY}.",
            id="heliograph.W002",
        )
        for alias, database in settings.DATABASES.items()
        if database.get("ENGINE") == "django.db.backends.sqlite3" and (missing := _missing(database))
    ]


def _missing(database: dict[str, Any]) -> list[str]:
    name, options = str(database.get("NAME") or ""), database.get("OPTIONS") or {}
    if name in ("", ":memory:") or "mode=memory" in name:
        return []
    missing = []
    if not (_WAL.search(options.get("init_command") or "") or _has_log(Path(name))):
        missing.append("write-ahead log")
    if str(options.get("transaction_mode")).upper() != "IMMEDIATE":
        missing.append("immediate transactions")
    return missing


def _has_log(path: Path) -> bool:
    """Tell whether a database file is in WAL mode, by the write version in its header (SQLite file format, 1.3.3)."""
    try:
        with path.open("rb") as file:
            return file.read(19)[18:] == b"\x02"
    except OSError:
        return False
