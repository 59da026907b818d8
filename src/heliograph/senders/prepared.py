"""Hearing of models as they become ready."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

_waiting: dict[tuple[int, str], list[Callable[[type], None]]] = {}
_watching: list[Callable[[type], bool]] = []


def when_ready(label: str, apps: Any, ready: Callable[[type], None]) -> None:
    """Call back with the model of a label, once it is there.

    Args:
        label: ``app_label.Model``, the model in any case.
        apps: the registry of apps that is to hold the model.
    """
    app_label, _, model_name = label.partition(".")
    model_name = model_name.lower()
    try:
        model = apps.get_registered_model(app_label, model_name)
    except LookupError:
        _listen()
        _waiting.setdefault((id(apps), f"{app_label}.{model_name}"), []).append(ready)
    else:
        ready(model)


def watch(seen: Callable[[type], bool]) -> None:
    """Call back with every model that becomes ready from now on, until the callback answers False."""
    _listen()
    _watching.append(seen)


def _listen() -> None:
    from django.db.models.signals import class_prepared

    class_prepared.connect(_prepared, weak=False, dispatch_uid="heliograph.senders")


def _prepared(sender: Any, **_: Any) -> None:
    for ready in _waiting.pop((id(sender._meta.apps), sender._meta.label_lower), []):
        ready(sender)
    for seen in [*_watching]:
        if not seen(sender):
            _watching.remove(seen)
