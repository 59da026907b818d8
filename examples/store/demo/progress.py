"""How far the durable receivers have come, as `manage.py signals` tells it."""

import json
import time
from collections.abc import Callable
from contextlib import suppress
from io import StringIO
from typing import Any

from django.core.management import CommandError, call_command

LOOK_SECONDS = 0.02
PATIENCE_SECONDS = 120


def told_by(verb: str) -> Any:
    """Return what a verb of `manage.py signals` tells as JSON."""
    told = StringIO()
    with suppress(SystemExit):  # `status` exits with 1 when it has found a problem
        call_command("signals", verb, "--format", "json", stdout=told)
    return json.loads(told.getvalue())


def all_is_read() -> bool:
    """Whether every durable receiver has come to the end of the event log."""
    return not any(subscription["lag"] for subscription in told_by("status")["subscriptions"])


def wait_until(condition: Callable[[], Any], what: str) -> Any:
    """Wait until the condition holds, and return what it returns.

    Raises:
        CommandError: It does not come to that.
    """
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not (found := condition()):
        if time.monotonic() > deadline:
            raise CommandError(f"The demo has waited {PATIENCE_SECONDS} s in vain until {what}.")
        time.sleep(LOOK_SECONDS)
    return found
