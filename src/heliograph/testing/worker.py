"""The worker process of ``killed()``: ``python -m heliograph.testing.worker TASK``.

TASK is JSON: the names of the test's databases by alias, the alias to work for, the module of the receiver, the names
of receivers to which to keep, and the point at which to die, null for none.
"""

from __future__ import annotations

import json
import logging
import sys
from importlib import import_module
from typing import Any


def main(task: dict[str, Any]) -> int:
    """Set Django up with the test's databases, and work until nothing is left, or to the death."""
    import django
    from django.conf import settings

    logging.basicConfig(level=logging.INFO)
    for alias, name in task["databases"].items():
        settings.DATABASES[alias]["NAME"] = name
    django.setup()
    import_module(task["module"])
    from heliograph.testing.doomed import work  # with it come models, for which it was too early

    return work(task["using"], only=task["only"], at=task["at"])


if __name__ == "__main__":
    sys.exit(main(json.loads(sys.argv[1])))
