"""The statements of delivery in the SQL of a connection's database."""

from __future__ import annotations

from types import ModuleType
from typing import Any

from heliograph.delivery.sql import postgresql, sqlite

_BY_VENDOR: dict[str, ModuleType] = {"postgresql": postgresql, "sqlite": sqlite}


def statements(connection: Any) -> Any:
    """Return the statements of delivery for a connection's database."""
    return _BY_VENDOR[connection.vendor]
