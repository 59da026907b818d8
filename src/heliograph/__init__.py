"""Signals for Django that you can rely on.

``Signal`` and ``receiver`` stand in for those of ``django.dispatch``. Importing this package loads no ``django.db`` and
reads no setting.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from heliograph.delivery.decisions.answers import Reject, RetryLater
    from heliograph.delivery.decisions.retry import RetryPolicy
    from heliograph.dispatch.muting import muted
    from heliograph.events.current import current_event
    from heliograph.receivers import receiver
    from heliograph.signals.signal import Signal
    from heliograph.signals.typed import signal

_PUBLIC = {
    "Reject": "heliograph.delivery.decisions.answers",
    "RetryLater": "heliograph.delivery.decisions.answers",
    "RetryPolicy": "heliograph.delivery.decisions.retry",
    "Signal": "heliograph.signals.signal",
    "current_event": "heliograph.events.current",
    "muted": "heliograph.dispatch.muting",
    "receiver": "heliograph.receivers",
    "signal": "heliograph.signals.typed",
}

__all__ = ["Reject", "RetryLater", "RetryPolicy", "Signal", "current_event", "muted", "receiver", "signal"]


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})


if not TYPE_CHECKING:  # Type checkers, which would take any name, are told of these above.

    def __getattr__(name: str) -> Any:
        if name not in _PUBLIC:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        from importlib import import_module

        value = globals()[name] = getattr(import_module(_PUBLIC[name]), name)
        return value
