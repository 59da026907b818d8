"""What connecting costs when a signal has many receivers already, and what a connection weighs."""

import gc
import statistics
import tracemalloc
from collections.abc import Callable
from dataclasses import dataclass
from time import perf_counter
from typing import Any

import blinker
import django.dispatch

import heliograph
from dispatchers.cells import make_receivers

MAKERS: dict[str, Callable[[], Any]] = {
    "Heliograph": heliograph.Signal,
    "Django": django.dispatch.Signal,
    "blinker": blinker.Signal,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What the connections of one dispatcher cost.

    Attributes:
        connect_us: microseconds for one more connection.
        disconnect_us: microseconds for taking the newest one away.
        weak_bytes: memory of one weak connection, without the receiver's own.
        strong_bytes: memory of one strong connection, without the receiver's own.
    """

    connect_us: float
    disconnect_us: float
    weak_bytes: float
    strong_bytes: float


def measure_connections(present: int, rounds: int) -> dict[str, Cost]:
    """Measure each dispatcher, the rounds interleaved, with that many receivers already connected."""
    crowd, newcomers = make_receivers(present), make_receivers(8)
    signals = {name: make() for name, make in MAKERS.items()}
    for signal in signals.values():
        _fill(signal, crowd)
    times: dict[str, list[tuple[float, float]]] = {name: [] for name in signals}
    gc.collect()
    gc.disable()
    try:
        for _ in range(rounds):
            for name, signal in signals.items():
                connecting = _microseconds(signal.connect, newcomers)
                times[name].append((connecting, _microseconds(signal.disconnect, newcomers[::-1])))
    finally:
        gc.enable()
    return {
        name: Cost(
            connect_us=statistics.median(connecting for connecting, _ in of_one),
            disconnect_us=statistics.median(disconnecting for _, disconnecting in of_one),
            weak_bytes=_bytes(MAKERS[name], weak=True),
            strong_bytes=_bytes(MAKERS[name], weak=False),
        )
        for name, of_one in times.items()
    }


def _fill(signal: Any, receivers: list[Callable[..., Any]]) -> None:
    if type(signal) is not django.dispatch.Signal:
        for receiver in receivers:
            signal.connect(receiver)
        return
    for receiver in receivers:  # connecting them to the one signal would take Django many seconds
        single = django.dispatch.Signal()
        single.connect(receiver)
        signal.receivers += single.receivers


def _microseconds(change: Callable[..., Any], receivers: list[Callable[..., Any]]) -> float:
    started = perf_counter()
    for receiver in receivers:
        change(receiver)
    return (perf_counter() - started) / len(receivers) * 1e6


def _bytes(make: Callable[[], Any], *, weak: bool, count: int = 1000) -> float:
    receivers, signal = make_receivers(count), make()
    tracemalloc.start()
    try:
        before, _ = tracemalloc.get_traced_memory()
        for receiver in receivers:
            signal.connect(receiver, weak=weak)
        after, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    return (after - before) / count
