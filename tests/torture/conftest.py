"""What the tests under torture share."""

import contextlib
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from servers import POSTGRES_REMEDY, missing, postgres_dsn
from torture.bench import Bench, postgres_database, sqlite_database

NewBench = Callable[..., Bench]


@pytest.fixture
def postgresql_bench(tmp_path: Path) -> Iterator[NewBench]:
    """Makes a workshop with a new database of the PostgreSQL server; it is migrated."""
    dsn = postgres_dsn()
    if dsn is None:
        missing("No PostgreSQL server answers", POSTGRES_REMEDY)
        return
    with contextlib.ExitStack() as stack:

        def make(**given: Any) -> Bench:
            name = f"heliograph_torture_{os.getpid()}_{len(made)}"
            made.append(name)
            stack.enter_context(_database(dsn, name))
            return _made(stack, Bench(postgres_database(dsn, name), tmp_path, **given))

        made: list[str] = []
        yield make


@pytest.fixture
def sqlite_bench(tmp_path: Path) -> Iterator[NewBench]:
    """Makes a workshop with a new SQLite file; it is migrated."""
    with contextlib.ExitStack() as stack:
        yield lambda **given: _made(stack, Bench(sqlite_database(tmp_path / "workshop.sqlite3"), tmp_path, **given))


@pytest.fixture(params=["sqlite", "postgresql"])
def new_bench(request: pytest.FixtureRequest) -> NewBench:
    """Makes a workshop with a new database, each kind in turn."""
    made: NewBench = request.getfixturevalue(f"{request.param}_bench")
    return made


def _made(stack: contextlib.ExitStack, bench: Bench) -> Bench:
    stack.callback(bench.close)
    bench.migrate()
    return bench


@contextlib.contextmanager
def _database(dsn: str, name: str) -> Iterator[None]:
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute(f"create database {name}")
    try:
        yield
    finally:
        with psycopg.connect(dsn, autocommit=True) as connection:
            connection.execute(f"drop database {name} with (force)")
