"""What the tests under torture share."""

import contextlib
import itertools
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from servers import missing
from torture.bench import Bench, postgres_database, sqlite_database
from torture.cluster import REMEDY, Cluster, binaries

NewBench = Callable[..., Bench]

_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def new_cluster() -> Iterator[Callable[[], Cluster]]:
    """Makes PostgreSQL clusters, which nobody else uses."""
    if binaries() is None:
        missing("PostgreSQL's server is not installed", REMEDY)
    with contextlib.ExitStack() as stack:

        def make() -> Cluster:
            cluster = Cluster()
            stack.callback(cluster.destroy)
            return cluster

        yield make


@pytest.fixture(scope="session")
def cluster(new_cluster: Callable[[], Cluster]) -> Cluster:
    """The PostgreSQL cluster of these tests."""
    return new_cluster()


@pytest.fixture(scope="session")
def templates(cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], str]:
    """Gives the name of a PostgreSQL database that is migrated with a crew, to be copied."""
    known: dict[str, str] = {}

    def template(crew: str) -> str:
        if crew not in known:
            known[crew] = f"crew_{crew}"
            _create(cluster, known[crew])
            bench = Bench(postgres_database(cluster.dsn, known[crew]), tmp_path_factory.mktemp(crew), crew=crew)
            bench.migrate()
        return known[crew]

    return template


@pytest.fixture
def postgresql_bench(cluster: Cluster, templates: Callable[[str], str], tmp_path: Path) -> Iterator[NewBench]:
    """Makes a workshop with a new PostgreSQL database; it is migrated."""
    with contextlib.ExitStack() as stack:

        def make(crew: str = "mixed", **given: Any) -> Bench:
            name = f"workshop_{next(_numbers)}"
            _create(cluster, name, template=templates(crew))
            bench = Bench(postgres_database(cluster.dsn, name), tmp_path, crew=crew, **given)
            stack.callback(bench.close)
            return bench

        yield make


@pytest.fixture
def sqlite_bench(tmp_path: Path) -> Iterator[NewBench]:
    """Makes a workshop with a new SQLite file; it is migrated."""
    with contextlib.ExitStack() as stack:

        def make(**given: Any) -> Bench:
            bench = Bench(sqlite_database(tmp_path / "workshop.sqlite3"), tmp_path, **given)
            stack.callback(bench.close)
            bench.migrate()
            return bench

        yield make


@pytest.fixture(params=["sqlite", "postgresql"])
def new_bench(request: pytest.FixtureRequest) -> NewBench:
    """Makes a workshop with a new database, each kind in turn."""
    made: NewBench = request.getfixturevalue(f"{request.param}_bench")
    return made


def _create(cluster: Cluster, name: str, *, template: str = "template1") -> None:
    with psycopg.connect(cluster.dsn, autocommit=True) as connection:
        connection.execute(f"create database {name} template {template}")
        # A copied sequence counts on what was logged for the original, and would go back in a crash before this.
        connection.execute("checkpoint")
