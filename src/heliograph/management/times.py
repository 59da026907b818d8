"""Times as they are given on the command line."""

from __future__ import annotations

import argparse
import re
from datetime import UTC, datetime, timedelta

from django.utils import timezone

_UNITS = {"s": "seconds", "m": "minutes", "min": "minutes", "h": "hours", "d": "days"}


def past(text: str) -> datetime:
    """Return the time that a text stands for: an ISO date or time, or how long ago: 90s, 15m, 2h, 7d.

    A time without an offset is in the project's time zone.

    Raises:
        ArgumentTypeError: it stands for none.
    """
    ago = re.fullmatch(r"(\d{1,9})\s*(s|min|m|h|d)", text.strip())
    try:
        if ago:
            return datetime.now(UTC) - timedelta(**{_UNITS[ago[2]]: int(ago[1])})
        time = datetime.fromisoformat(text.strip())
        return timezone.make_aware(time) if timezone.is_naive(time) else time
    except (ValueError, OverflowError):
        raise argparse.ArgumentTypeError(
            f"{text!r} is no time. Give one such as 2026-01-31, 2026-01-31T14:30, 2026-01-31T14:30+01:00, or how long "
            "ago: 90s, 15m, 2h, 7d"
        ) from None
