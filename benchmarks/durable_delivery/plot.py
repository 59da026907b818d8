"""The rates of a drain as a picture."""

from pathlib import Path

import matplotlib as mpl

mpl.use("svg")
import matplotlib.pyplot as plt

from durable_delivery import contenders as known
from durable_delivery.figures import ratio
from durable_delivery.running import Rounds

_PANELS = {"drain": "this disk", "drain-slow-commit": "a commit of 2 ms"}
_OURS, _LIMIT, _PEER = "#0b6e4f", "#c9c9c9", "#6c8ebf"


def draw(measured: dict[str, Rounds], file: Path) -> None:
    """Draw the rates of both drains as multiples of django-reliable-outbox's.

    Args:
        measured: with `drain`, `drain-slow-commit` or both.
        file: its suffix says the format, such as `.svg`.
    """
    panels = {name: title for name, title in _PANELS.items() if name in measured}
    figure, axes = plt.subplots(1, len(panels), figsize=(5.6 * len(panels), 4.2), squeeze=False, layout="constrained")
    for axis, (name, title) in zip(axes[0], panels.items(), strict=True):
        rates = _rates(measured[name])
        bars = axis.barh(list(rates), list(rates.values()), color=[_colour(label) for label in rates])
        axis.bar_label(bars, [f"{rate:.2g}" for rate in rates.values()], padding=3)
        axis.set_title(f"One worker process, {title}")
        axis.set_xlabel(f"events a second, times {known.OUTBOX.label}")
        axis.spines[["top", "right"]].set_visible(False)
    figure.savefig(file)


def _rates(samples: Rounds) -> dict[str, float]:
    found = {label: ratio(samples, label, known.OUTBOX.label, "rate") for label in samples}
    return dict(sorted(((label, rate) for label, rate in found.items() if rate), key=lambda each: each[1]))


def _colour(label: str) -> str:
    if label.startswith("plain loop"):
        return _LIMIT
    return _OURS if label.startswith(known.OURS.label) else _PEER
