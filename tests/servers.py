"""The servers that tests use: on their standard ports, or named by an environment variable."""

import functools
import os

import psycopg
import pytest

DEFAULT_POSTGRES_DSN = "postgresql://postgres@127.0.0.1:5432/postgres"
POSTGRES_REMEDY = (
    "Start PostgreSQL on 127.0.0.1:5432, or name one: HELIOGRAPH_POSTGRES_DSN=postgresql://user@host/database"
)


@functools.cache
def postgres_dsn() -> str | None:
    """The address of a PostgreSQL server that answers, or None."""
    dsn = os.environ.get("HELIOGRAPH_POSTGRES_DSN", DEFAULT_POSTGRES_DSN)
    try:
        psycopg.connect(dsn, connect_timeout=5).close()
    except psycopg.OperationalError:
        return None
    return dsn


def missing(what: str, remedy: str) -> None:
    """Skip the test, saying what to do; fail where everything must be there (CI)."""
    message = f"{what}. {remedy}"
    if os.environ.get("HELIOGRAPH_REQUIRE_SERVERS") == "1":
        pytest.fail(message)
    pytest.skip(message)
