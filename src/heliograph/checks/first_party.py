"""What belongs to the project, and not to a library."""

from __future__ import annotations

import sysconfig
from pathlib import Path

_LIBRARIES = ("purelib", "platlib", "stdlib")


def is_first_party(path: Path) -> bool:
    """Tell whether a file or folder is the project's own: of no installed package, and not of Heliograph."""
    libraries = (sysconfig.get_path(kind) for kind in _LIBRARIES)
    own = Path(__file__).parents[1]
    return not path.is_relative_to(own) and not any(path.is_relative_to(library) for library in libraries if library)
