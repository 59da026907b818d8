"""What the acceptance tests share: a running store on each database, and clients of it."""

from collections.abc import Callable, Iterator

import pytest
from acceptance.databases import DATABASES
from acceptance.store_process import RunningStore, running_store
from acceptance.visitor import Visitor


@pytest.fixture(scope="session", params=list(DATABASES))
def store(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningStore]:
    """The store, open, on each database in turn; one for all tests."""
    folder = tmp_path_factory.mktemp(request.param)
    with DATABASES[request.param](folder) as database, running_store(database) as running:
        yield running


@pytest.fixture
def new_visitor(store: RunningStore) -> Iterator[Callable[..., Visitor]]:
    """Makes clients: registered under a prefix, or, with `None`, anonymous ones."""
    visitors = []

    def make(prefix: str | None = "guest") -> Visitor:
        visitor = Visitor(store)
        visitors.append(visitor)
        if prefix is not None:
            visitor.register(prefix)
        return visitor

    yield make
    for visitor in visitors:
        visitor.close()


@pytest.fixture
def visitor(new_visitor: Callable[..., Visitor]) -> Visitor:
    return new_visitor()
