"""Tools that replace ``django.dispatch.Signal._live_receivers`` to see every receiver run, as sentry-sdk does."""

from __future__ import annotations

from typing import Any

import django
import django.dispatch

from heliograph.dispatch.binding import Receiver
from heliograph.dispatch.index import Plan, callables


def as_tools_see(signal: Any, sender: object, plan: Plan) -> Plan:
    """Return the plan that calls what the replaced ``_live_receivers`` gives for a signal and sender."""
    seen: Any = django.dispatch.Signal._live_receivers
    sync, asynchronous = seen(_AsDjangos(signal, plan), sender)
    return plan.calling(sync, asynchronous)


class _AsDjangos:
    """A signal in the shape that Django's own ``_live_receivers`` reads, which such a tool calls in the end.

    That method takes what it finds in the cache, so the cache has the receivers, as entries of this Django.
    """

    use_caching = True
    _dead_receivers = False

    def __init__(self, signal: Any, plan: Plan) -> None:
        self._signal = signal
        cached = [_cached(receiver, False) for receiver in callables(plan.sync)]
        cached += [_cached(receiver, True) for receiver in callables(plan.asynchronous)]
        self.sender_receivers_cache = _Always(cached)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._signal, name)

    def __eq__(self, other: object) -> bool:
        return other is self._signal

    def __hash__(self) -> int:
        return hash(self._signal)


class _Always:
    def __init__(self, value: Any) -> None:
        self._value = value

    def get(self, _: object) -> Any:
        return self._value


def _cached(receiver: Receiver, is_async: bool) -> tuple[Any, ...]:
    return (receiver, None, is_async) if django.VERSION >= (6, 0) else (receiver, is_async)
