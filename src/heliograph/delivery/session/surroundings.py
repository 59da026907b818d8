"""What kind of transaction a connection is in."""

from __future__ import annotations

from typing import Any


def is_of_a_test(connection: Any) -> bool:
    """Tell whether the open transaction is one that ``TestCase`` rolls back when the test is over."""
    return any(getattr(block, "_from_testcase", False) for block in connection.atomic_blocks)
