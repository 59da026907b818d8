"""Silence for signals and receivers, in one context only."""

from __future__ import annotations

import functools
import inspect
import threading
from collections.abc import Callable
from contextvars import ContextVar
from typing import Any, ParamSpec, TypeVar

from asgiref.sync import iscoroutinefunction

from heliograph.dispatch.identity import identify
from heliograph.errors import ReceiverDeclarationError

P = ParamSpec("P")
R = TypeVar("R")

#: How many mutes are in force anywhere in the process: at 0 a send need not ask its context.
active = 0
_lock = threading.Lock()


class _Mute:
    """One entry into a ``muted`` block; it is in force until the block ends, also in contexts that inherited it."""

    __slots__ = ("by", "identities", "in_force", "targets")

    def __init__(self, by: muted, targets: tuple[Any, ...]) -> None:
        self.by = by
        self.targets = targets  # held, so that their ids stay theirs
        self.identities = frozenset(map(identify, targets))
        self.in_force = True


_muted: ContextVar[tuple[_Mute, ...]] = ContextVar("heliograph.muted", default=())


class muted:  # noqa: N801 - used as a function is, like contextlib.suppress
    """Silence signals and receivers within a block or a function.

    A context manager, and a decorator of functions, generators and coroutine functions. Mutes nest.

    Args:
        targets: signals (none of their receivers is called) and receivers (not called by any signal). On a signal
            that is not Heliograph's own, this covers the receivers connected through ``heliograph.receiver``.

    Raises:
        ReceiverDeclarationError: without a target; when one is neither a signal nor callable; on a class.

    Guarantees:
        Only the context that entered is silent, until the block ends, with the tasks and threads to which asyncio and
        asgiref hand that context on meanwhile; other threads and tasks hear everything.
    """

    def __init__(self, *targets: Any) -> None:
        if not targets:
            raise ReceiverDeclarationError("muted() needs the signals or receivers to silence.")
        for target in targets:
            if not callable(target) and not hasattr(target, "send"):
                raise ReceiverDeclarationError(f"muted() takes signals and receivers, not {target!r}.")
        self._targets = targets
        self._entered: list[_Mute] = []

    def __enter__(self) -> None:
        global active
        mute = _Mute(self, self._targets)
        self._entered.append(mute)
        _muted.set((*_in_force(), mute))
        with _lock:
            active += 1

    def __exit__(self, *_: object) -> None:
        global active
        # The one that this context entered last; where the block ends in another context, the last of all.
        own = [mute for mute in _in_force() if mute.by is self]
        mute = own[-1] if own else self._entered[-1]
        mute.in_force = False
        self._entered.remove(mute)
        _muted.set(_in_force())
        with _lock:
            active -= 1

    def __call__(self, function: Callable[P, R]) -> Callable[P, R]:
        if isinstance(function, type) or inspect.isasyncgenfunction(function):
            raise ReceiverDeclarationError(
                f"@muted cannot stand on {function!r}: it takes functions, generators and coroutine functions. "
                "Use `with muted(...)` inside."
            )
        if iscoroutinefunction(function):

            @functools.wraps(function)
            async def silent(*args: P.args, **kwargs: P.kwargs) -> Any:
                with self:
                    return await function(*args, **kwargs)

            return silent  # type: ignore[return-value]
        if inspect.isgeneratorfunction(function):

            @functools.wraps(function)
            def silent_steps(*args: P.args, **kwargs: P.kwargs) -> Any:
                with self:
                    return (yield from function(*args, **kwargs))

            return silent_steps

        @functools.wraps(function)
        def silently(*args: P.args, **kwargs: P.kwargs) -> R:
            with self:
                return function(*args, **kwargs)

        return silently


def is_muted(target: object) -> bool:
    """Tell whether a signal or a receiver is muted in this context."""
    identity = identify(target)
    return any(mute.in_force and identity in mute.identities for mute in _muted.get())


def _in_force() -> tuple[_Mute, ...]:
    return tuple(mute for mute in _muted.get() if mute.in_force)
