"""What tells one receiver or sender from another, and how it is named to people."""

from __future__ import annotations

import functools
import inspect
from types import CodeType
from typing import Any, TypeAlias

Identity: TypeAlias = "int | tuple[int, int]"


def identify(target: object) -> Identity:
    """Return the identity of a receiver or sender: two bound methods of one object are the same."""
    function = getattr(target, "__func__", None)
    if function is None:
        return id(target)
    return id(target.__self__), id(function)  # type: ignore[attr-defined]


ANYONE = identify(None)


def name_of(receiver: Any) -> str:
    """Return ``module.qualname`` of a receiver; of a partial its function's, of an object its class's."""
    while isinstance(receiver, functools.partial):
        receiver = receiver.func
    named = receiver if hasattr(receiver, "__qualname__") else type(receiver)
    return f"{getattr(named, '__module__', None) or '?'}.{named.__qualname__}"


def place_of(receiver: Any) -> str:
    """Return ``file:line`` of the code of a receiver, or its name where it has no Python code."""
    while isinstance(receiver, functools.partial):
        receiver = receiver.func
    function = inspect.unwrap(receiver)
    function = getattr(function, "__func__", function)
    code = getattr(function, "__code__", None) or getattr(vars(type(function)).get("__call__"), "__code__", None)
    return f"{code.co_filename}:{code.co_firstlineno}" if code else name_of(receiver)


def code_place(receiver: Any) -> tuple[str, str] | None:
    """Return file and qualified name of the code of a module's function, the same under all names of the module.

    Returns:
        Those of the innermost function: a decorated one has the code of its decorator, which others share. None for
        local functions, lambdas, and what has no Python code.
    """
    code = getattr(inspect.unwrap(receiver), "__code__", None)
    if type(code) is not CodeType or "<" in code.co_qualname + code.co_filename:  # a mock claims to have one
        return None
    return code.co_filename, code.co_qualname
