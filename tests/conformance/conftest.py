"""What the conformance tests share."""

from collections.abc import Iterator

import pytest
from conformance.databases import empty_quickly
from conformance.desk import Desk
from django.conf import settings
from servers import POSTGRES_REMEDY, missing


@pytest.fixture(params=["archive", "postgres"], ids=["sqlite-file", "postgresql"])
def lasting_alias(request: pytest.FixtureRequest) -> str:
    """Each database that outlives its connections, in turn: the alias to use."""
    if request.param not in settings.DATABASES:
        missing("No PostgreSQL server answers", POSTGRES_REMEDY)
    return request.param


@pytest.fixture
def server() -> Desk:
    """The desk of a database that knows isolation levels, and whose sessions can wait for each other."""
    if "postgres" not in settings.DATABASES:
        missing("No PostgreSQL server answers", POSTGRES_REMEDY)
    return Desk("postgres")


@pytest.fixture(scope="session", autouse=True)
def _quick_emptying() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as monkeypatch:
        empty_quickly(monkeypatch)
        yield
