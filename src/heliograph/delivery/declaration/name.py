"""The stable name of a durable receiver, under which its subscription is stored."""

from __future__ import annotations

import functools
import inspect
from typing import Any

from heliograph.dispatch.identity import name_of
from heliograph.errors import ReceiverDeclarationError

#: The longest name, as it is stored.
LONGEST = 255


def durable_name(function: Any, name: str | None = None) -> str:
    """Return ``name``, or else ``module.qualname`` of a function.

    Args:
        function: the receiver.
        name: as given to ``receiver``.

    Raises:
        ReceiverDeclarationError: the worker, another process, could not find the receiver by importing its module (a
            lambda or a local function, also within a partial and whatever its name; a bound method); or it has no name
            of its own (a partial or another callable object) and is given none; or the name cannot be stored.
    """
    if name is not None and not is_name(name):
        raise ReceiverDeclarationError(
            f"name={name!r} of {name_of(function)} is no name: give a text of 1 to {LONGEST} printable characters, "
            "without spaces at its ends."
        )
    _refuse_what_no_import_brings(function)
    if name is not None:
        return name
    if not hasattr(function, "__qualname__"):
        raise ReceiverDeclarationError(
            f"{function!r} has no name of its own, and durable=True needs a stable one. Give it as name=..., or write "
            "a function of the module that calls it."
        )
    found = name_of(function)
    if not is_name(found):
        raise ReceiverDeclarationError(f"{found} is longer than {LONGEST} characters. Give a shorter name=....")
    return found


def is_name(name: object) -> bool:
    """Tell whether a name can be stored as that of a receiver."""
    return isinstance(name, str) and name == name.strip() and name.isprintable() and 0 < len(name) <= LONGEST


def _refuse_what_no_import_brings(function: Any) -> None:
    while isinstance(function, functools.partial):
        function = function.func
    name = name_of(function)
    if inspect.ismethod(function):
        raise ReceiverDeclarationError(
            f"{name} is a bound method, and the object or class it is bound to is not stored with the event. Give "
            "durable=True to a function of the module that calls it."
        )
    if name.endswith("<lambda>"):
        kind = "a lambda"
    elif "<locals>" in name:
        kind = "made inside a function (a decorator without functools.wraps does that too)"
    else:
        return
    raise ReceiverDeclarationError(
        f"{name} is {kind}: the worker, another process, gets at a durable receiver by importing its module. Move it "
        "to the module's top level with def, or leave durable=True out."
    )
