import json
import subprocess
import sys
from pathlib import Path

import pytest

BENCHMARK = Path(__file__).resolve().parents[2] / "benchmarks" / "inprocess.py"
CELLS = ["0", "1 weak", "1 strong", "5 weak", "5 strong", "50 weak", "50 strong", "0+50", "1+50", "5+50"]
WITH_SENDERS = [
    *(
        "loop",
        "Heliograph",
        "Heliograph `send_robust`",
        "Heliograph `@receiver`",
        "Heliograph `@receiver` `send_robust`",
    ),
    *("Django cached", "Django cached `send_robust`", "Django", "blinker", "PyDispatcher"),
]


@pytest.fixture(scope="module")
def output(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, dict]:
    file = tmp_path_factory.mktemp("benchmark") / "figures.json"
    done = subprocess.run(
        [sys.executable, "-W", "error", str(BENCHMARK), "--quick", "--json", str(file)], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return done.stdout, json.loads(file.read_text())


def test_the_table_has_a_row_for_each_contender_and_a_column_for_each_cell(output: tuple[str, dict]) -> None:
    rows = _tables(output[0])[0]

    assert rows["receivers"] == CELLS
    assert all(float(nanoseconds) > 0 for nanoseconds in rows["loop (ns)"])
    for name in WITH_SENDERS[1:]:
        assert [float(ratio) > 0 for ratio in rows[name]] == [True] * len(CELLS)
    for name in ("psygnal", "pluggy"):
        assert [ratio == "-" for ratio in rows[name]] == ["+" in cell for cell in CELLS]


def test_the_other_tables_show_connections_and_goals(output: tuple[str, dict]) -> None:
    _, costs, goals = _tables(output[0])

    assert costs["at 1,000 receivers"] == ["connect (µs)", "disconnect (µs)", "bytes, weak", "bytes, strong"]
    for name in ("Heliograph", "Django", "blinker"):
        assert [float(cost) > 0 for cost in costs[name]] == [True] * 4
    verdicts = [row[-1] for goal, row in goals.items() if goal.startswith("Heliograph")]
    assert len(verdicts) == 17
    assert set(verdicts) <= {"met", "**not met**"}


def test_the_file_holds_the_same_figures(output: tuple[str, dict]) -> None:
    _, figures = output

    assert list(figures["sending"]) == CELLS
    for cell, contenders in figures["sending"].items():
        alone = [] if "+" in cell else ["psygnal", "pluggy"]
        assert sorted(contenders) == sorted([*WITH_SENDERS, *alone])
        assert contenders["loop"]["times_the_loop"] == 1
    assert list(figures["connections"]) == ["Heliograph", "Django", "blinker"]
    assert len(figures["goals"]) == 17


def _tables(printed: str) -> list[dict[str, list[str]]]:
    """Return the rows of each printed table by their first column."""
    _, *tables = printed.strip().split("\n\n")
    cells = [
        [line.removeprefix("| ").removesuffix(" |").split(" | ") for line in table.splitlines()] for table in tables
    ]
    return [{row[0]: row[1:] for row in rows} for rows in cells]
