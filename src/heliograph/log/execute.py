"""Executing one statement."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any


def rows(connection: Any, statement: str, given: Any = None) -> list[Any]:
    """Execute a query and return its rows."""
    with connection.cursor() as cursor:
        cursor.execute(statement, given)
        found: list[Any] = cursor.fetchall()
        return found


def moved(connection: Any, statement: str, given: Any = None) -> int:
    """Execute a change and return how many rows it has moved."""
    with connection.cursor() as cursor:
        cursor.execute(statement, given)
        return int(cursor.rowcount)


def many(connection: Any, values: Sequence[Any]) -> Any:
    """Return several values as one parameter."""
    return list(values) if connection.vendor == "postgresql" else json.dumps(list(values))
