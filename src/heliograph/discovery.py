"""Finding the modules of a project that hold receivers, by their source and without importing them."""

from __future__ import annotations

import importlib
import re
from importlib.machinery import ModuleSpec, PathFinder

from django.apps import AppConfig, apps

#: Where an app's receivers are looked for.
MODULES = ("signals", "signals.handlers", "receivers")

_HELIOGRAPH = re.compile(rb"\bheliograph\b")


def import_receivers() -> list[str]:
    """Import the modules of installed apps that hold receivers, and return their names.

    A module whose source does not name heliograph is left to whoever imports it now.

    Raises:
        Exception: whatever a module raises when it is imported, with a note that says why it was.
    """
    imported = []
    for app in apps.get_app_configs():
        for module in MODULES:
            spec = _spec(app, module)
            if spec is None or app.name == __package__ or not _names_heliograph(spec):
                continue
            try:
                importlib.import_module(spec.name)
            except Exception as error:
                error.add_note(
                    f"heliograph was importing {spec.name}, which holds receivers of the app {app.label!r}. "
                    'To import receivers yourself, set HELIOGRAPH = {"DISCOVER": False}.'
                )
                raise
            imported.append(spec.name)
    return imported


def _spec(app: AppConfig, module: str) -> ModuleSpec | None:
    """Return where a module of an app is, without importing its parents."""
    name, path = app.name, getattr(app.module, "__path__", None)
    spec = None
    for part in module.split("."):
        if path is None:
            return None
        name = f"{name}.{part}"
        spec = PathFinder.find_spec(name, path)
        path = spec.submodule_search_locations if spec else None
    return spec


def _names_heliograph(spec: ModuleSpec) -> bool:
    """Tell whether a module names heliograph, by its file as it is: source in any encoding, or compiled."""
    read = getattr(spec.loader, "get_data", None)
    return read is not None and spec.origin is not None and _HELIOGRAPH.search(read(spec.origin)) is not None
