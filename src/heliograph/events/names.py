"""The names of signals: stable, unique, and found without being asked for."""

from __future__ import annotations

import ast
import inspect
import sys
from types import ModuleType
from typing import Any

from django.apps import apps

#: Django's own signals, which many modules import: where each one lives.
DJANGO_SIGNALS = {
    "django.core.signals": ("request_started", "request_finished", "got_request_exception", "setting_changed"),
    "django.db.backends.signals": ("connection_created",),
    "django.db.models.signals": (
        *("class_prepared", "pre_init", "post_init", "pre_save", "post_save", "pre_delete", "post_delete"),
        *("m2m_changed", "pre_migrate", "post_migrate"),
    ),
    "django.contrib.auth.signals": ("user_logged_in", "user_login_failed", "user_logged_out"),
    "django.test.signals": ("template_rendered",),
}


def signal_name(signal: Any) -> str | None:
    """Return the name of a signal: ``app_label.attribute``, or its dotted path where no app holds its module.

    Returns:
        The name given to it, else the one under which the module that made it knows it. None where there is no
        such name or more than one. Before the apps are ready the dotted path stands for every name.
    """
    given: str | None = getattr(signal, "_name", None)
    return given or _django_name(signal) or _found_name(signal)


def label(signal: Any) -> str:
    """Return the name of a signal, or what else there is to show of it."""
    return signal_name(signal) or repr(signal)


def _django_name(signal: Any) -> str | None:
    for module_name, attributes in DJANGO_SIGNALS.items():
        module = sys.modules.get(module_name)
        for attribute in attributes:
            if module is not None and vars(module).get(attribute) is signal:
                return qualified(module_name, attribute)
    return None


def _found_name(signal: Any) -> str | None:
    made_in = getattr(signal, "_made_in", None)
    if made_in is not None:
        modules = [module] if (module := sys.modules.get(made_in)) is not None else []
    else:
        modules = _assigning(signal, [module for module in list(sys.modules.values()) if _attributes(module, signal)])
    names = [qualified(module.__name__, name) for module in modules for name in _attributes(module, signal)]
    return names[0] if len(names) == 1 else None


def _attributes(module: ModuleType, signal: Any) -> list[str]:
    return [name for name, value in list(getattr(module, "__dict__", {}).items()) if value is signal]


def _assigning(signal: Any, modules: list[ModuleType]) -> list[ModuleType]:
    """Return the modules that make the signal, leaving out those that import it."""
    if len(modules) < 2:
        return modules
    return [module for module in modules if any(_assigns(module, name) for name in _attributes(module, signal))]


def _assigns(module: ModuleType, attribute: str) -> bool:
    try:
        tree = ast.parse(inspect.getsource(module))
    except (OSError, TypeError, SyntaxError):
        return False
    return any(
        isinstance(node, ast.Assign | ast.AnnAssign)
        and isinstance(node.value, ast.Call)
        and any(isinstance(name, ast.Name) and name.id == attribute for name in ast.walk(node))
        for node in ast.walk(tree)
    )


def qualified(module_name: str, attribute: str) -> str:
    """Return the name of a module's attribute: by the label of the app that holds the module, else dotted."""
    app = apps.get_containing_app_config(module_name) if apps.apps_ready else None
    return f"{app.label if app else module_name}.{attribute}"
