"""The figures as Markdown and as JSON."""

import os
import platform
import statistics
from typing import Any

import django

from durable_delivery.cells import Cell, Column
from durable_delivery.contenders import Contender
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
    lines = [[cell.title, *heads], ["---", *("---:" for _ in heads)], *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def median(samples: Rounds, label: str, figure: str) -> float | None:
    """Return the median of a figure over the rounds; None where a contender has none."""
    found = [sample[figure] for sample in samples.get(label, ()) if figure in sample]
    return statistics.median(found) if found else None


def ratio(samples: Rounds, label: str, to: str, figure: str) -> float | None:
    """Return the median over the rounds of the ratio between two contenders."""
    pairs = zip(samples.get(label, ()), samples.get(to, ()), strict=False)
    found = [mine[figure] / theirs[figure] for mine, theirs in pairs if figure in mine and theirs.get(figure)]
    return statistics.median(found) if found else None


def as_json(measured: dict[str, Rounds]) -> dict[str, Any]:
    """Return every sample as plain values."""
    return {"machine": machine(), "cells": measured}


def _references(cell: Cell, column: Column, samples: Rounds) -> list[Contender]:
    return [each for each in cell.references if column.relative and each.label in samples]


def _figure(column: Column, samples: Rounds, label: str) -> str:
    found = median(samples, label, column.figure)
    return "-" if found is None else f"{found:,.{column.places}f}"


def _ratio(column: Column, samples: Rounds, label: str, reference: str) -> str:
    found = ratio(samples, label, reference, column.figure)
    return "-" if found is None else f"{found:.2f}"
