"""Figures over the rounds of a cell."""

import statistics

from durable_delivery.running import Rounds


def median(samples: Rounds, label: str, figure: str) -> float | None:
    """Return the median of a figure over the rounds; None where a contender has none."""
    found = [sample[figure] for sample in samples.get(label, ()) if figure in sample]
    return statistics.median(found) if found else None


def ratio(samples: Rounds, label: str, to: str, figure: str) -> float | None:
    """Return the median over the rounds of the ratio between two contenders."""
    pairs = zip(samples.get(label, ()), samples.get(to, ()), strict=False)
    found = [mine[figure] / theirs[figure] for mine, theirs in pairs if figure in mine and theirs.get(figure)]
    return statistics.median(found) if found else None
