"""Killing a worker process at a chosen point, and letting another one take over."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections

from heliograph.delivery.operate.databases import database
from heliograph.errors import UnsupportedDatabaseError
from heliograph.testing.points import Point, point
from heliograph.testing.receivers import durable
from heliograph.testing.surroundings import refuse_transaction

#: A worker process has to be done within this time.
_SECONDS = 120


@contextmanager
def killed(receiver: Any, *, at: str, using: str = DEFAULT_DB_ALIAS) -> Iterator[None]:
    """Let a worker die by ``kill -9`` before the block, and let another one run all that is owed and due behind it.

    Args:
        receiver: the durable receiver that the first worker runs, and at which it dies: the function, or its name.
        at: ``"before the receiver"``, ``"after its effect"``, ``"before the acknowledgement"`` or ``"mid-batch"``,
            which takes two events that share a transaction.
        using: alias of the database.

    Raises:
        AssertionError: the worker did not come to that point, or the other one failed; with what it logged.
        ReceiverDeclarationError: the receiver is not durable.
        TransactionError: the test does not commit: the workers are processes of their own.
        UnsupportedDatabaseError: the test's database is in memory.
        ValueError: there is no such point.

    Guarantees:
        Both workers are processes with the settings that ``DJANGO_SETTINGS_MODULE`` names, on the test's databases.
        What the test has overridden or patched is not so in them. They import the receiver's module.
    """
    __tracebackhide__ = True
    where, doomed = point(at), durable(receiver)
    connection = connections[database(using)]
    refuse_transaction(connection, "killed() is called")
    _refuse_memory(connection)
    task = {
        "databases": {alias: str(connections[alias].settings_dict["NAME"]) for alias in connections},
        "module": doomed.function.__module__,
        "using": using,
    }
    died = _run({**task, "only": [doomed.name], "at": where})
    if died.returncode == 0:
        raise AssertionError(_never_there(doomed.name, where))
    if died.returncode != -signal.SIGKILL:
        raise AssertionError(f"The worker that was to be killed ended by itself ({died.returncode}):\n{died.stderr}")
    yield
    other = _run({**task, "only": [], "at": None})
    if other.returncode != 0:
        raise AssertionError(f"The worker that took over failed ({other.returncode}):\n{other.stderr}")


def _run(task: dict[str, Any]) -> subprocess.CompletedProcess[str]:
    if "DJANGO_SETTINGS_MODULE" not in os.environ:
        raise RuntimeError(
            "killed() starts worker processes, and they take their settings from DJANGO_SETTINGS_MODULE."
        )
    return subprocess.run(
        [sys.executable, "-m", "heliograph.testing.worker", json.dumps(task)],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        capture_output=True,
        text=True,
        timeout=_SECONDS,
        check=False,
    )


def _refuse_memory(connection: Any) -> None:
    if connection.vendor == "sqlite" and connection.is_in_memory_db():
        raise UnsupportedDatabaseError(
            f"The test's database {connection.alias!r} is in memory, where no other process can look. Give it a file: "
            f'DATABASES[{connection.alias!r}]["TEST"] = {{"NAME": BASE_DIR / "test.sqlite3"}}.'
        )


def _never_there(name: str, where: Point) -> str:
    told = f"The worker was not killed: {name} did not come to {where.value!r}. "
    if where is Point.MID_BATCH:
        return told + (
            "That takes two events that share a transaction, which those of a receiver with batch=1 or atomic=False "
            "never do. Is as much owed to it?"
        )
    return told + "Is an event owed to it, and due?"
