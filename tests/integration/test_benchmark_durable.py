"""The benchmark of durable receivers, in short: its shape and its checks, never a time."""

import json
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from servers import POSTGRES_REMEDY, missing, postgres_dsn

BENCHMARKS = Path(__file__).resolve().parents[2] / "benchmarks"
LOOPS = ["plain loop, 100 to a commit"]
OURS = ["Heliograph, batch=100", "Heliograph", "Heliograph, batch=1"]


@pytest.fixture
def parts(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The benchmark's modules can be imported."""
    monkeypatch.syspath_prepend(BENCHMARKS)
    yield
    for name in [each for each in sys.modules if each.partition(".")[0] == "durable_delivery"]:
        del sys.modules[name]


def test_on_sqlite_each_contender_has_its_row_and_each_event_its_effect(tmp_path: Path) -> None:
    printed, told = _run(tmp_path, "--only", "sqlite", "--players", "plain", "heliograph", "--events", "40")

    rows = _tables(printed)[0]
    assert list(rows)[1:] == LOOPS + OURS
    rate, ratio = rows["Heliograph, batch=100"]
    assert float(rate.replace(",", "")) > 0
    assert float(ratio) > 0
    samples = told["cells"]["sqlite"]
    assert {label: len(rounds) for label, rounds in samples.items()} == dict.fromkeys(LOOPS + OURS, 1)
    assert told["goals"] == []  # the peers that they compare with are not there


def test_on_postgresql_the_figures_of_sending_and_of_the_machinery_are_there(tmp_path: Path) -> None:
    if postgres_dsn() is None:
        missing("no PostgreSQL answers", POSTGRES_REMEDY)

    printed, told = _run(
        tmp_path, "--only", "send", "machinery", "--players", "heliograph", "paging", "--events", "100"
    )

    machinery, sending, goals = _tables(printed)
    assert list(machinery)[1:] == ["raw paging SELECT", "Heliograph, batch=1000"]
    assert machinery["raw paging SELECT"][1] == "1.00"
    assert len(sending["Heliograph"]) == len(sending["A sender's transaction of one row, with an event"])
    (sample,) = told["cells"]["send"]["Heliograph"]
    assert {"base us", "event ratio", "10 receivers ratio", "instance ratio"} <= set(sample)
    assert all(figure > 0 for name, figure in sample.items() if name.endswith("ratio"))
    assert {goal.partition(":")[0] for goal in list(goals)[1:]} == {"send", "machinery"}
    assert {verdict for _, verdict in list(goals.values())[1:]} <= {"met", "**not met**"}


@pytest.mark.usefixtures("parts")
@pytest.mark.parametrize(
    ("effects", "complaint"),
    [
        ([0, 1, 1], "each has 1 to 2, not 1"),
        ([0], "1 events have effects, not 2"),
    ],
    ids=["twice", "lost"],
)
def test_an_effect_too_many_or_too_few_ends_the_run(effects: list[int], complaint: str, tmp_path: Path) -> None:
    from durable_delivery.bench import ProcessError
    from durable_delivery.draining import check_effects
    from durable_delivery.stores.sqlite import SQLite

    with closing(sqlite3.connect(tmp_path / "one.sqlite3")) as connection:
        connection.execute("CREATE TABLE shop_effect (event, started)")
        connection.executemany("INSERT INTO shop_effect VALUES (?, 1.5)", [(event,) for event in effects])
        connection.commit()
    contender = SimpleNamespace(label="someone", audience=1)
    bench: Any = SimpleNamespace(store=SQLite(tmp_path), events=2, contender=contender)

    with pytest.raises(ProcessError, match=complaint):
        check_effects(bench, "one")


@pytest.mark.usefixtures("parts")
def test_a_goal_is_judged_by_the_median_of_the_ratios_within_a_round() -> None:
    from durable_delivery.goals import judge

    def rates(*each: float) -> list[dict[str, float]]:
        return [{"rate": rate} for rate in each]

    measured = {
        "sqlite": {
            "Heliograph, batch=100": rates(10, 300, 90),
            "django-tasks-db": rates(1, 3, 100),
            "huey, SqliteHuey": rates(5, 100, 30),
        }
    }

    assert [(verdict.measured, verdict.is_met) for verdict in judge(measured)] == [(10, False), (3, True)]


def _run(folder: Path, *arguments: str) -> tuple[str, dict[str, Any]]:
    """Return what a run of one round prints, and what it writes."""
    file = folder / "figures.json"
    done = subprocess.run(
        [sys.executable, BENCHMARKS / "durable.py", "--rounds", "1", "--json", file, *arguments],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout, json.loads(file.read_text())


def _tables(printed: str) -> list[dict[str, list[str]]]:
    """Return the rows of each printed table by their first column, the headings first."""
    _, *tables = printed.strip().split("\n\n")
    cells = [
        [line.removeprefix("| ").removesuffix(" |").split(" | ") for line in table.splitlines()] for table in tables
    ]
    return [{row[0]: row[1:] for row in rows if not row[0].startswith("---")} for rows in cells]
