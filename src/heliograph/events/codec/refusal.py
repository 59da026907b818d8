"""What cannot be recorded: why, where in the argument, and what to do."""

from __future__ import annotations

from io import IOBase

from django.core.files.base import File
from django.db.models import QuerySet
from django.db.models.manager import BaseManager
from django.db.models.query import RawQuerySet
from django.http import HttpRequest

from heliograph.errors import PayloadError

_REMEDY = "Send a model instance or plain values, or declare the receiver with payload=callable."


class RefusedError(Exception):
    """A value that cannot be recorded, on its way up to the argument that holds it.

    Attributes:
        reason: what is wrong with it, with the remedy.
        steps: from the value upwards, each container by its id and the step from it to what it holds.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason
        self.steps: list[tuple[int, str]] = []

    def within(self, container: object, step: str) -> None:
        """Note which container holds the value, and how one gets to it from there."""
        self.steps.append((id(container), step))

    def as_error(self, signal: str, argument: str) -> PayloadError:
        """Return the error that tells the sender."""
        path, circular = argument, False
        seen: set[int] = set()
        for container, step in reversed(self.steps):
            if circular := container in seen:
                break
            seen.add(container)
            path += step
        reason = f"contains itself. {_REMEDY}" if circular else self.reason
        place = f"{signal}: {path}" if signal else path
        return PayloadError(f"{place} {reason}", signal=signal, argument=argument)


def refuse(value: object) -> RefusedError:
    """Return the refusal of a value by what it is."""
    kind = type(value)
    return RefusedError(f"is of type {kind.__module__}.{kind.__qualname__}, which cannot be recorded. {_remedy(kind)}")


def refuse_class(kind: type) -> RefusedError:
    """Return the refusal of a class that a worker would not find."""
    return RefusedError(
        f"is of the class {kind.__module__}.{kind.__qualname__}, which no module holds under that name, so that a "
        "worker would not find it. Move it to the top of its module, or send its value."
    )


def refuse_depth(depth: int) -> RefusedError:
    """Return the refusal of what lies too deep."""
    return RefusedError(f"is nested more than {depth} levels deep. {_REMEDY}")


def step_of_key(key: object) -> str:
    """Return the step from a dictionary to one of its values."""
    return f".{key}" if type(key) is str and key.isidentifier() else f"[{key!r}]"


def _remedy(kind: type) -> str:
    if issubclass(kind, QuerySet | RawQuerySet | BaseManager):
        return "Send list(...) of it, or the primary keys."
    if issubclass(kind, File | IOBase):
        return "Send the name of the file, and let the receiver open it."
    if issubclass(kind, HttpRequest):
        return "Send what the receiver needs of it, or declare the receiver with payload=callable."
    for plain in (dict, str, bool, int, float, list, tuple, frozenset, set, bytes):
        if issubclass(kind, plain):
            return f"Only {plain.__name__} itself comes back as it was: send {plain.__name__}(...) of it."
    return _REMEDY
