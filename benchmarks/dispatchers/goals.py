"""What Heliograph's dispatcher has to reach, and whether it did."""

import statistics
from collections.abc import Iterable
from dataclasses import dataclass

from dispatchers import contenders as names
from dispatchers.cells import Cell
from dispatchers.connections import Cost
from dispatchers.measure import Rounds, ratio

Grid = dict[Cell, Rounds]


@dataclass(frozen=True, slots=True)
class Verdict:
    """A goal with what was measured, at the place where it came nearest to being missed, or was missed by most."""

    goal: str
    measured: str
    is_met: bool


def judge(grid: Grid, costs: dict[str, Cost]) -> list[Verdict]:
    """Return a verdict on every goal, for receivers connected by either way."""
    alone = [cell for cell in grid if not cell.others]
    one_weak = [cell for cell in alone if cell.receivers == 1 and cell.weak]
    five_and_more = [cell for cell in alone if cell.receivers >= 5]
    beside_others = [cell for cell in grid if cell.others]
    verdicts = []
    for ours, robust in ((names.HELIOGRAPH, names.HELIOGRAPH_ROBUST), (names.DECORATED, names.DECORATED_ROBUST)):
        verdicts += [
            _at_most(1.45, "the loop's time with 1 weak receiver", grid, one_weak, ours, names.LOOP),
            _at_most(1.2, "the loop's time with 5 receivers and more", grid, five_and_more, ours, names.LOOP),
            _at_most(1.1, "the time of `send`", grid, grid, robust, ours),
            _at_most(1, "the time of Django cached, in each cell", grid, grid, ours, names.DJANGO_CACHED),
            _over_the_grid(1.35, grid, ours),
            _at_most(1, "the time of blinker, in each cell", grid, grid, ours, names.BLINKER),
            _at_most(1, "the time of PyDispatcher, in each cell", grid, grid, ours, names.PYDISPATCHER),
            _as_fast(2.5, "Django, beside 50 receivers of another sender", grid, beside_others, ours, names.DJANGO),
        ]
    return [*verdicts, _in_microseconds(50, costs["Heliograph"])]


def _at_most(limit: float, what: str, grid: Grid, cells: Iterable[Cell], ours: str, to: str) -> Verdict:
    worst, label = max((ratio(grid[cell], ours, to), cell.label) for cell in cells)
    return Verdict(f"{ours}: at most {limit} times {what}", f"{worst:.2f} ({label})", worst <= limit)


def _as_fast(least: float, as_what: str, grid: Grid, cells: Iterable[Cell], ours: str, to: str) -> Verdict:
    worst, label = min((ratio(grid[cell], to, ours), cell.label) for cell in cells)
    return Verdict(f"{ours}: at least {least} times as fast as {as_what}", f"{worst:.2f} ({label})", worst >= least)


def _over_the_grid(least: float, grid: Grid, ours: str) -> Verdict:
    speed = statistics.geometric_mean(ratio(rounds, names.DJANGO_CACHED, ours) for rounds in grid.values())
    goal = f"{ours}: at least {least} times as fast as Django cached, over the grid (geometric mean)"
    return Verdict(goal, f"{speed:.2f}", speed >= least)


def _in_microseconds(limit: float, cost: Cost) -> Verdict:
    worst = max(cost.connect_us, cost.disconnect_us)
    goal = f"Heliograph: connect and disconnect in at most {limit} µs beside 10,000 receivers"
    return Verdict(goal, f"{worst:.1f}", worst <= limit)
