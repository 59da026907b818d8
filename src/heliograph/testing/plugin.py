"""The pytest plugin: fixtures for tests with pytest-django. It reads no setting when it is loaded."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from heliograph.testing.captured import Sent
    from heliograph.testing.delivered import Delivered


@pytest.fixture
def deliver(db: None) -> Callable[..., list[Delivered]]:
    """Deliver what is owed, as ``heliograph.testing.deliver``, in a test that may use the database."""
    from heliograph.testing.delivering import deliver

    return deliver


@pytest.fixture
def capture_signals() -> Iterator[Callable[..., Sent]]:
    """Keep what is sent, as ``heliograph.testing.capture``, from the call to the end of the test."""
    from heliograph.testing.captured import capture

    with ExitStack() as stack:

        def begin(*signals: Any) -> Sent:
            return stack.enter_context(capture(*signals))

        yield begin
