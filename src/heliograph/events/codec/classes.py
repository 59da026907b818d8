"""Classes by their dotted names, found among the modules that are loaded."""

from __future__ import annotations

import sys
from importlib import import_module
from types import FunctionType, ModuleType
from typing import TypeGuard

from django.conf import settings

#: A longer name is nobody's; the search takes the square of the length.
_MAX_LENGTH = 1000


def dotted_name(found: type | FunctionType) -> str:
    """Return the name of a class or function: ``module.qualname``."""
    return f"{found.__module__}.{found.__qualname__}"


def find(name: str) -> type | FunctionType | None:
    """Return the class or function that a dotted name stands for, or None.

    Guarantees:
        Nothing is imported and no code of the modules runs: a name from a row is only compared with what is there.
    """
    parts = name.split(".") if len(name) <= _MAX_LENGTH else []
    for end in range(len(parts) - 1, 0, -1):
        module = sys.modules.get(".".join(parts[:end]))
        if module is not None:
            found = _along(module, parts[end:])
            if _is_named(found) and dotted_name(found) == name:
                return found
    return None


def find_with_views(name: str) -> type | FunctionType | None:
    """Return the same, loading the project's URLconf if there is none: a worker has not needed the views so far.

    Guarantees:
        What is imported is what the settings name, as in a process that serves requests; never a name from a row.
    """
    found = find(name)
    if found is None and (urlconf := getattr(settings, "ROOT_URLCONF", None)):
        import_module(urlconf)
        found = find(name)
    return found


def _is_named(found: object) -> TypeGuard[type | FunctionType]:
    # Not isinstance: that would ask the object too, which may be anything.
    return issubclass(type(found), type | FunctionType)


def _along(found: object, attributes: list[str]) -> object:
    """Return what lies at the end of a chain of attributes, past every descriptor and ``__getattr__``."""
    for attribute in attributes:
        kind = type(found)
        if issubclass(kind, type):
            found = type.__getattribute__(found, "__dict__").get(attribute)
        elif issubclass(kind, ModuleType):
            found = object.__getattribute__(found, "__dict__").get(attribute)
        else:
            return None
    return found
