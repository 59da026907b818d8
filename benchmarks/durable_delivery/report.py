"""The figures as Markdown and as JSON."""

import os
import platform
from dataclasses import asdict
from typing import Any

import django

from durable_delivery.cells import Cell, Column
from durable_delivery.contenders import Contender
from durable_delivery.figures import median, ratio
from durable_delivery.goals import Verdict
from durable_delivery.running import Rounds


def machine() -> str:
    """Say what it was measured with."""
    return f"Python {platform.python_version()}, Django {django.__version__}, {os.cpu_count()} cores"


def table(cell: Cell, samples: Rounds) -> str:
    """Return the table of a cell: medians over the rounds, and medians of the ratios within a round."""
    columns = [column for column in cell.columns if any(column.figure in each[0] for each in samples.values())]
    heads = []
    for column in columns:
        heads += [column.heading, *(f"times {each.label}" for each in _references(cell, column, samples))]
    rows = []
    for label in samples:
        cells = []
        for column in columns:
            cells.append(_figure(column, samples, label))
            cells += [_ratio(column, samples, label, each.label) for each in _references(cell, column, samples)]
        rows.append([label, *cells])
    return _markdown([cell.title, *heads], rows)


def verdicts_table(verdicts: list[Verdict]) -> str:
    """Return the goals with what was measured."""
    rows = [
        [each.goal, f"{each.measured:,.3g}" if each.measured < 100 else f"{each.measured:,.0f}", _verdict(each)]
        for each in verdicts
    ]
    return _markdown(["goal", "measured", ""], rows)


def as_json(measured: dict[str, Rounds], verdicts: list[Verdict]) -> dict[str, Any]:
    """Return every sample and the goals as plain values."""
    return {"machine": machine(), "cells": measured, "goals": [asdict(verdict) for verdict in verdicts]}


def _references(cell: Cell, column: Column, samples: Rounds) -> list[Contender]:
    return [each for each in cell.references if column.relative and each.label in samples]


def _figure(column: Column, samples: Rounds, label: str) -> str:
    found = median(samples, label, column.figure)
    return "-" if found is None else f"{found:,.{column.places}f}"


def _ratio(column: Column, samples: Rounds, label: str, reference: str) -> str:
    found = ratio(samples, label, reference, column.figure)
    return "-" if found is None else f"{found:.2f}"


def _verdict(verdict: Verdict) -> str:
    return "met" if verdict.is_met else "**not met**"


def _markdown(head: list[str], rows: list[list[str]]) -> str:
    lines = [head, ["---", *("---:" for _ in head[1:])], *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
