"""Times of sending: short batches of all contenders in turn, so that the machine's drift meets all of them alike."""

import gc
import random
import statistics
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from time import perf_counter

from dispatchers.cells import Cell, make_receivers
from dispatchers.contenders import LOOP, Batch, prepare

#: Seconds per call of each contender, one value per round; the rounds of all contenders correspond.
Rounds = dict[str, list[float]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Effort:
    """How long to measure.

    Attributes:
        passes: how many times the grid is gone through, with fresh signals and receivers each time.
        rounds: how many times each contender is measured in each cell of a pass.
        batch_seconds: how long each of these measurements takes, about.
    """

    passes: int
    rounds: int
    batch_seconds: float


THOROUGH = Effort(passes=8, rounds=20, batch_seconds=0.001)
QUICK = Effort(passes=1, rounds=5, batch_seconds=0.0002)


def measure(cells: Iterable[Cell], effort: Effort) -> dict[Cell, Rounds]:
    """Measure all cells; the passes even out where in memory things happen to lie."""
    grid: dict[Cell, Rounds] = {cell: defaultdict(list) for cell in cells}
    for _ in range(effort.passes):
        for cell, rounds in grid.items():
            for name, seconds in _measure(cell, effort).items():
                rounds[name] += seconds
    return grid


def _measure(cell: Cell, effort: Effort) -> Rounds:
    receivers, others = make_receivers(cell.receivers), make_receivers(cell.others)
    batches = prepare(cell, receivers, others)
    sizes = {name: _size(batch, effort.batch_seconds) for name, batch in batches.items()}
    rounds: Rounds = {name: [] for name in batches}
    order, shuffle = list(batches), random.shuffle
    gc.collect()
    gc.disable()
    try:
        for _ in range(effort.rounds):
            shuffle(order)
            for name in order:
                rounds[name].append(_seconds(batches[name], sizes[name]) / sizes[name])
    finally:
        gc.enable()
    return rounds


def ratio(rounds: Rounds, contender: str, to: str = LOOP) -> float:
    """Return how many times as long a contender takes as another one: the median over the rounds."""
    return statistics.median(a / b for a, b in zip(rounds[contender], rounds[to], strict=True))


def nanoseconds(rounds: Rounds, contender: str) -> float:
    """Return how long one sending takes: the median over the rounds."""
    return statistics.median(rounds[contender]) * 1e9


def _size(batch: Batch, seconds: float) -> int:
    batch(20)
    return max(1, round(seconds / min(_seconds(batch, 20) / 20 for _ in range(3))))


def _seconds(batch: Batch, times: int) -> float:
    started = perf_counter()
    batch(times)
    return perf_counter() - started
