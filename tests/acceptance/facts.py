"""What stands in the store's database, read past the store."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any

import psycopg


def facts(database: str, statement: str) -> list[tuple[Any, ...]]:
    """Return the rows of a statement without parameters."""
    with _connection(database) as connection:
        return connection.execute(statement).fetchall()


@contextmanager
def _connection(database: str) -> Iterator[Any]:
    if database.startswith("postgresql://"):
        with psycopg.connect(database) as connection:
            yield connection
    else:
        with closing(sqlite3.connect(database, timeout=20)) as connection:
            yield connection
