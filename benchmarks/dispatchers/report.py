"""The results as Markdown and as JSON."""

import platform
from dataclasses import asdict
from typing import Any

import django

from dispatchers.connections import Cost
from dispatchers.contenders import LOOP, ORDER
from dispatchers.goals import Grid, Verdict
from dispatchers.measure import nanoseconds, ratio


def machine() -> str:
    """Say what it was measured with."""
    return f"Python {platform.python_version()}, Django {django.__version__}"


def sending_table(grid: Grid) -> str:
    """Return the times of sending: nanoseconds of the loop, then each contender's ratio to it."""
    rows = [[f"{LOOP} (ns)", *(f"{nanoseconds(rounds, LOOP):.0f}" for rounds in grid.values())]]
    for name in ORDER[1:]:
        rows.append([name, *(f"{ratio(rounds, name):.2f}" if name in rounds else "-" for rounds in grid.values())])
    return _table(["receivers", *(cell.label for cell in grid)], rows)


def connections_table(costs: dict[str, Cost], present: int) -> str:
    """Return what connections cost."""
    head = [f"at {present:,} receivers", "connect (µs)", "disconnect (µs)", "bytes, weak", "bytes, strong"]
    return _table(
        head,
        [
            [
                name,
                *(f"{microseconds:.1f}" for microseconds in (cost.connect_us, cost.disconnect_us)),
                *(f"{memory:.0f}" for memory in (cost.weak_bytes, cost.strong_bytes)),
            ]
            for name, cost in costs.items()
        ],
    )


def verdicts_table(verdicts: list[Verdict]) -> str:
    """Return the goals with what was measured where it was worst."""
    rows = [[verdict.goal, verdict.measured, "met" if verdict.is_met else "**not met**"] for verdict in verdicts]
    return _table(["goal", "measured (worst cell)", ""], rows)


def as_json(grid: Grid, costs: dict[str, Cost], verdicts: list[Verdict]) -> dict[str, Any]:
    """Return everything as plain values."""
    return {
        "machine": machine(),
        "sending": {
            cell.label: {
                name: {"ns": nanoseconds(rounds, name), "times_the_loop": ratio(rounds, name)} for name in rounds
            }
            for cell, rounds in grid.items()
        },
        "connections": {name: asdict(cost) for name, cost in costs.items()},
        "goals": [asdict(verdict) for verdict in verdicts],
    }


def _table(head: list[str], rows: list[list[str]]) -> str:
    lines = [head, ["---", *("---:" for _ in head[1:])], *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
