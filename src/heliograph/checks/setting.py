"""The setting ``HELIOGRAPH``."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error

from heliograph.settings import problems


def setting_is_known(**_: Any) -> list[CheckMessage]:
    """Find options that do not exist, and values that they may not have."""
    return [Error(problem, id="heliograph.E005") for problem in problems(getattr(settings, "HELIOGRAPH", {}))]
