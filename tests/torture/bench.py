"""A workshop with a database of its own, and the processes that a test starts in it."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg
from torture.findings import Effect, Findings, Note, Receiver, compare

PROJECT = Path(__file__).parent / "project"

#: A process of a test is waited for at most so long.
DEADLINE = 60


class Bench:
    """The workshop with one database.

    Args:
        database: as an entry of Django's ``DATABASES``.
        folder: where the processes write what they have to say.
        crew: whose receivers the processes have, a module of ``workshop.crews``.
        options: of ``HELIOGRAPH``.
    """

    def __init__(self, database: dict[str, Any], folder: Path, *, crew: str = "mixed", **options: Any) -> None:
        self.database = database
        self.folder = folder
        self.environment = {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "workshop.settings",
            "PYTHONDONTWRITEBYTECODE": "1",
            "PYTHONPATH": os.pathsep.join([str(PROJECT), *filter(None, [os.environ.get("PYTHONPATH")])]),
            "WORKSHOP_DATABASE": json.dumps(database),
            "WORKSHOP_CREW": crew,
            "WORKSHOP_OPTIONS": json.dumps({"LEASE_SECONDS": 2, **options}),
        }
        self._processes: list[subprocess.Popen[str]] = []
        self._count = 0

    @property
    def is_postgresql(self) -> bool:
        return bool(self.database["ENGINE"].endswith("postgresql"))

    def start(self, *arguments: str, **environment: str) -> subprocess.Popen[str]:
        """Start ``python ARGUMENTS`` in the workshop; what it logs goes to a file of the folder."""
        self._count += 1
        log = self.folder / f"{self._count}-{'-'.join(arguments[:2]).replace('/', '')[:40]}.log"
        with log.open("w") as errors:
            process = subprocess.Popen(
                [sys.executable, *arguments],
                env={**self.environment, **environment},
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
                start_new_session=True,  # so that what it forks can be ended with it
            )
        process.log = log  # type: ignore[attr-defined]
        self._processes.append(process)
        return process

    def run(self, *arguments: str, timeout: float = DEADLINE, **environment: str) -> str:
        """Run a program of the workshop to its end and return what it printed."""
        process = self.start(*arguments, **environment)
        output, _ = process.communicate(timeout=timeout)
        logged = process.log.read_text()[-3000:]  # type: ignore[attr-defined]
        assert process.returncode == 0, f"{arguments} ended with {process.returncode}:\n{logged}"
        return output

    def python(self, program: str, *, timeout: float = DEADLINE, **environment: str) -> str:
        """Run a few lines in the workshop, set up."""
        return self.run("-c", f"import django; django.setup()\n{program}", timeout=timeout, **environment)

    def json(self, program: str, **environment: str) -> Any:
        """What a few lines print, read as JSON."""
        return json.loads(self.python(program, **environment).splitlines()[-1])

    def worker(self, *arguments: str, **environment: str) -> subprocess.Popen[str]:
        """Start a worker."""
        return self.start("-m", "workshop.work", *arguments, **environment)

    def drain(self, *arguments: str, timeout: float = DEADLINE, **environment: str) -> None:
        """Run a worker until nothing is owed and due."""
        self.run("-m", "workshop.work", "--drain", *arguments, timeout=timeout, **environment)

    def migrate(self) -> None:
        """Make the tables and register the receivers."""
        self.run("-m", "django", "migrate", "--run-syncdb", "--verbosity", "0")

    @contextlib.contextmanager
    def session(self) -> Iterator[Any]:
        """Give a function that executes a statement in autocommit and returns the rows, on a session of its own."""
        if not self.is_postgresql:
            file = sqlite3.connect(self.database["NAME"], timeout=30, isolation_level=None)
            with contextlib.closing(file) as connection:
                yield lambda statement, given=(): connection.execute(statement, given).fetchall()
            return
        with psycopg.connect(**postgres_arguments(self.database), autocommit=True) as connection:

            def execute(statement: str, given: Sequence[Any] = ()) -> list[Any]:
                cursor = connection.execute(statement, given or None)
                return cursor.fetchall() if cursor.description else []

            yield execute

    def rows(self, statement: str, given: Sequence[Any] = ()) -> list[Any]:
        """Execute a statement and return its rows."""
        with self.session() as execute:
            return list(execute(statement, given))

    def value(self, statement: str, given: Sequence[Any] = ()) -> Any:
        """Execute a statement and return the one value that it gives."""
        ((value,),) = self.rows(statement, given)
        return value

    def wait_for(self, statement: str, satisfied: Callable[[Any], Any], *, timeout: float = DEADLINE) -> Any:
        """Wait until the one value that a statement gives satisfies, and return it."""
        with self.session() as execute:
            return until(lambda: execute(statement)[0][0], satisfied, statement, timeout=timeout)

    def findings(self, receivers: dict[str, Receiver]) -> Findings:
        """Compare what was committed with what was delivered."""
        with self.session() as execute:
            return compare(
                receivers,
                [Note._make(row) for row in execute("select token, signal, key, number from workshop_note")],
                [
                    Effect._make(row)
                    for row in execute("select receiver, token, key, number from workshop_effect order by id")
                ],
                execute(
                    "select subscription_id, event_id, kills, errors from heliograph_delivery where state = 'dead'"
                ),
            )

    def close(self) -> None:
        """End every process that was started."""
        for process in self._processes:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait(timeout=DEADLINE)
            if process.stdout is not None:
                process.stdout.close()


def until(look: Callable[[], Any], satisfied: Callable[[Any], Any], what: str, *, timeout: float = DEADLINE) -> Any:
    """Look until what is seen satisfies, and return it."""
    deadline = time.monotonic() + timeout
    while not satisfied(seen := look()):
        assert time.monotonic() < deadline, f"still {seen!r} after {timeout} s: {what}"
        time.sleep(0.02)
    return seen


def postgres_database(dsn: str, name: str) -> dict[str, Any]:
    """Return a database of a server as an entry of Django's ``DATABASES``."""
    server = urlsplit(dsn)
    return {
        "ENGINE": "django.db.backends.postgresql",
        "HOST": server.hostname or "",
        "PORT": str(server.port or ""),
        "USER": server.username or "",
        "PASSWORD": server.password or "",
        "NAME": name,
    }


def postgres_arguments(database: dict[str, Any]) -> dict[str, Any]:
    """Return how psycopg connects to it."""
    names = {"HOST": "host", "PORT": "port", "USER": "user", "PASSWORD": "password", "NAME": "dbname"}
    return {name: database[setting] for setting, name in names.items() if database.get(setting)}


def sqlite_database(path: Path) -> dict[str, Any]:
    """Return a file as an entry of Django's ``DATABASES``, set as Heliograph's checks ask for."""
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": str(path),
        "OPTIONS": {
            "transaction_mode": "IMMEDIATE",
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL",
            "timeout": 30,
        },
    }
