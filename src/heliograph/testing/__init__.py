"""Testing what signals do: capture them, deliver what is owed, and see whether receivers hold what durable promises.

Importing this package loads no ``django.db`` and reads no setting.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from heliograph.testing.captured import Sending, Sent, capture
    from heliograph.testing.connected import assert_connected
    from heliograph.testing.delivered import Delivered
    from heliograph.testing.delivering import adeliver, deliver
    from heliograph.testing.idempotent import assert_idempotent
    from heliograph.testing.killing import killed

_PUBLIC = {
    "Delivered": "heliograph.testing.delivered",
    "Sending": "heliograph.testing.captured",
    "Sent": "heliograph.testing.captured",
    "adeliver": "heliograph.testing.delivering",
    "assert_connected": "heliograph.testing.connected",
    "assert_idempotent": "heliograph.testing.idempotent",
    "capture": "heliograph.testing.captured",
    "deliver": "heliograph.testing.delivering",
    "killed": "heliograph.testing.killing",
}

__all__ = [
    "Delivered",
    "Sending",
    "Sent",
    "adeliver",
    "assert_connected",
    "assert_idempotent",
    "capture",
    "deliver",
    "killed",
]


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})


if not TYPE_CHECKING:  # Type checkers, which would take any name, are told of these above.

    def __getattr__(name: str) -> Any:
        if name not in _PUBLIC:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        from importlib import import_module

        value = globals()[name] = getattr(import_module(_PUBLIC[name]), name)
        return value
