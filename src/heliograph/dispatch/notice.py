"""Warning users at the line of their own code."""

from __future__ import annotations

import sys
import warnings
from types import FrameType

from heliograph.errors import HeliographWarning


def warn(message: str, category: type[HeliographWarning]) -> None:
    """Issue a warning at the nearest line that is not Heliograph's."""
    level = 2  # 1 is the line of warn() itself
    frame: FrameType | None = sys._getframe(1)
    while frame is not None and frame.f_globals.get("__name__", "").partition(".")[0] == "heliograph":
        level += 1
        frame = frame.f_back
    warnings.warn(message, category, stacklevel=level)
