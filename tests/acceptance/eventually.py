"""Waiting for what a worker does in its own time."""

import time
from collections.abc import Callable
from typing import Any

LOOK_SECONDS = 0.02
DEADLINE_SECONDS = 20


def eventually(look: Callable[[], Any], expected: Any) -> None:
    """Look until the answer is the expected one; fail with the last answer once the time is up."""
    deadline = time.monotonic() + DEADLINE_SECONDS
    while (seen := look()) != expected and time.monotonic() < deadline:
        time.sleep(LOOK_SECONDS)
    assert seen == expected, f"{seen!r} is not {expected!r} after {DEADLINE_SECONDS} s"
