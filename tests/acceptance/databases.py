"""The databases that the store is tried on: a new one for each test run."""

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
from psycopg import sql
from servers import POSTGRES_REMEDY, missing, postgres_dsn


@contextmanager
def sqlite(folder: Path) -> Iterator[str]:
    yield str(folder / "store.sqlite3")


@contextmanager
def postgresql(folder: Path) -> Iterator[str]:
    """Make a database on the server, and drop it at the end."""
    dsn = postgres_dsn()
    if dsn is None:
        missing("No PostgreSQL server answers", POSTGRES_REMEDY)
    name = f"heliograph_store_{os.getpid()}_{secrets.token_hex(3)}"
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        try:
            yield urlunsplit(urlsplit(dsn)._replace(path=f"/{name}"))
        finally:
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


DATABASES = {"sqlite": sqlite, "postgresql": postgresql}
