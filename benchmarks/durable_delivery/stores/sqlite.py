"""Databases in files of SQLite."""

import contextlib
import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from durable_delivery.stores.store import Execute


class SQLite:
    """A folder with a file for each database."""

    vendor = "sqlite"

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def create(self, name: str, like: str = "") -> None:
        """Make a database, as a copy of another one where that is named."""
        for file in self._folder.glob(f"{like}.sqlite3*") if like else ():
            shutil.copy(file, self._folder / file.name.replace(like, name, 1))
        if not like:
            self.rows(name, "pragma journal_mode = wal")

    def drop(self, name: str) -> None:
        """Take a database away."""
        for file in self._folder.glob(f"{name}.sqlite3*"):
            file.unlink()

    def close(self) -> None:
        """Take all databases away."""
        for file in self._folder.glob("*.sqlite3*"):
            file.unlink()

    def settle(self, name: str) -> None:
        """Bring a backlog into the state that it would be in after a while."""
        self.rows(name, "pragma wal_checkpoint(truncate)")
        self.rows(name, "analyze")

    def rest(self) -> None:
        """Have all that was written so far brought to the disk: a file that is copied is there."""

    def settings(self, name: str) -> dict[str, Any]:
        """Return a database as an entry of `DATABASES`, set as a web application should set it."""
        return {
            "CONN_MAX_AGE": None,
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": str(self._file(name)),
            "OPTIONS": {
                "transaction_mode": "IMMEDIATE",
                "init_command": "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL",
                "timeout": 20,
            },
        }

    @contextlib.contextmanager
    def session(self, name: str) -> Iterator[Execute]:
        """Give a function that executes a statement in a database and returns its rows."""
        with contextlib.closing(sqlite3.connect(self._file(name), timeout=20, isolation_level=None)) as connection:
            yield lambda statement: connection.execute(statement).fetchall()

    def rows(self, name: str, statement: str) -> list[Any]:
        """Execute one statement in a database and return its rows."""
        with self.session(name) as execute:
            return execute(statement)

    def wal_place(self) -> str:
        """There is nothing to tell."""
        return ""

    def wal_bytes(self, name: str, before: str, after: str) -> None:
        """There is nothing to tell."""

    def dead_rows(self, name: str) -> None:
        """There are none: SQLite writes rows in place."""

    def _file(self, name: str) -> Path:
        return self._folder / f"{name}.sqlite3"
