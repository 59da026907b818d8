"""The dispatchers that are compared, each set up for one cell."""

from collections.abc import Callable
from functools import partial
from itertools import repeat
from types import FunctionType, SimpleNamespace
from typing import Any, TypeAlias

import blinker
import django.dispatch
import pluggy
import psygnal
import pydispatch.dispatcher

import heliograph
from dispatchers.cells import Cell, Other, Sender

Receivers: TypeAlias = list[Callable[..., Any]]
#: Sends that many times.
Batch: TypeAlias = Callable[[int], None]
#: Connects a receiver, for one sender or for all (None).
Connect: TypeAlias = Callable[[Callable[..., Any], Any], Any]

LOOP = "loop"
HELIOGRAPH, HELIOGRAPH_ROBUST = "Heliograph", "Heliograph `send_robust`"
DECORATED, DECORATED_ROBUST = "Heliograph `@receiver`", "Heliograph `@receiver` `send_robust`"
DJANGO, DJANGO_CACHED, DJANGO_ROBUST = "Django", "Django cached", "Django cached `send_robust`"
BLINKER, PYDISPATCHER, PSYGNAL, PLUGGY = "blinker", "PyDispatcher", "psygnal", "pluggy"

ORDER = (LOOP, HELIOGRAPH, HELIOGRAPH_ROBUST, DECORATED, DECORATED_ROBUST)
ORDER += (DJANGO_CACHED, DJANGO_ROBUST, DJANGO, BLINKER, PYDISPATCHER, PSYGNAL, PLUGGY)


def prepare(cell: Cell, receivers: Receivers, others: Receivers) -> dict[str, Batch]:
    """Set every contender up for a cell.

    Args:
        cell: says how they are connected.
        receivers: what each sending reaches (psygnal and pluggy, which call otherwise, get as many of their own).
        others: what is bound to another sender. The caller holds both as long as it sends: most are connected weakly.

    Returns:
        What sends a batch, by the contender's name; those that know no senders are absent where the cell needs them.
    """
    batches = {LOOP: _loop(receivers)}
    for name, make in _WITH_SENDERS.items():
        connect, batch = make(weak=cell.weak)
        for receiver in receivers:
            connect(receiver, cell.sender)
        for receiver in others:
            connect(receiver, Other)
        batches[name] = batch
    if not cell.others:
        batches[PSYGNAL] = _psygnal(cell.receivers)
        batches[PLUGGY] = _pluggy(cell.receivers)
    return {name: _with_code_of_its_own(batch) for name, batch in batches.items()}


def _with_code_of_its_own(batch: Any) -> Batch:
    """Copy the code of a batch: the interpreter adapts code to what it meets, so none may serve two contenders."""
    return FunctionType(batch.__code__.replace(), batch.__globals__, closure=batch.__closure__)


def _sends(signal: Any) -> Batch:
    def run(times: int) -> None:
        for _ in repeat(None, times):
            signal.send(Sender, order=7, created=True)

    return run


def _sends_robust(signal: Any) -> Batch:
    def run(times: int) -> None:
        for _ in repeat(None, times):
            signal.send_robust(Sender, order=7, created=True)

    return run


def _loop(receivers: Receivers) -> Batch:
    """The limit: what is left of a dispatcher when everything but calling and collecting is taken away."""
    signal = object()

    def send(sender: object, **named: Any) -> list[tuple[Any, Any]]:
        responses = []
        for receiver in receivers:
            responses.append((receiver, receiver(signal=signal, sender=sender, **named)))
        return responses

    def run(times: int) -> None:
        for _ in repeat(None, times):
            send(Sender, order=7, created=True)

    return run


def _signal(
    make: Callable[[], Any], batch: Callable[[Any], Batch], *, decorate: bool = False
) -> Callable[..., tuple[Connect, Batch]]:
    def prepare(*, weak: bool) -> tuple[Connect, Batch]:
        signal = make()

        def connect(receiver: Any, sender: Any) -> None:
            if decorate:
                heliograph.receiver(signal, sender=sender, weak=weak)(receiver)
            else:
                signal.connect(receiver, sender=sender, weak=weak)

        return connect, batch(signal)

    return prepare


def _blinker(*, weak: bool) -> tuple[Connect, Batch]:
    signal = blinker.Signal()
    return lambda receiver, sender: signal.connect(receiver, sender=sender or blinker.ANY, weak=weak), _sends(signal)


def _pydispatcher(*, weak: bool) -> tuple[Connect, Batch]:
    pydispatcher, signal = pydispatch.dispatcher, object()

    def connect(receiver: Any, sender: Any) -> None:
        pydispatcher.connect(receiver, signal=signal, sender=sender or pydispatcher.Any, weak=weak)

    def run(times: int) -> None:
        for _ in repeat(None, times):
            pydispatcher.send(signal, Sender, order=7, created=True)

    return connect, run


_cached = partial(django.dispatch.Signal, use_caching=True)

_WITH_SENDERS = {
    HELIOGRAPH: _signal(heliograph.Signal, _sends),
    HELIOGRAPH_ROBUST: _signal(heliograph.Signal, _sends_robust),
    DECORATED: _signal(heliograph.Signal, _sends, decorate=True),
    DECORATED_ROBUST: _signal(heliograph.Signal, _sends_robust, decorate=True),
    DJANGO: _signal(django.dispatch.Signal, _sends),
    DJANGO_CACHED: _signal(_cached, _sends),
    DJANGO_ROBUST: _signal(_cached, _sends_robust),
    BLINKER: _blinker,
    PYDISPATCHER: _pydispatcher,
}


def _psygnal(count: int) -> Batch:
    """Without senders, keyword arguments and responses."""
    signal = psygnal.SignalInstance((object, object))
    for _ in range(count):

        def receiver(order: object, created: object) -> None:
            return None

        signal.connect(receiver)

    def run(times: int) -> None:
        for _ in repeat(None, times):
            signal.emit(7, True)

    return run


def _pluggy(count: int) -> Batch:
    """With responses, but nothing that tells whose they are; its `sender` is an argument like any other."""
    manager = pluggy.PluginManager("benchmark")

    @pluggy.HookspecMarker("benchmark")
    def happened(sender: object, order: object, created: object) -> None: ...

    manager.add_hookspecs(SimpleNamespace(happened=happened))
    for _ in range(count):

        @pluggy.HookimplMarker("benchmark")
        def receiver(sender: object, order: object, created: object) -> None:
            return None

        manager.register(SimpleNamespace(happened=receiver))

    def run(times: int) -> None:
        for _ in repeat(None, times):
            manager.hook.happened(sender=Sender, order=7, created=True)

    return run
