"""The rates of a drain as a picture."""

from pathlib import Path

import matplotlib as mpl
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from durable_delivery import contenders as known
from durable_delivery.figures import ratio
from durable_delivery.running import Rounds

_PANELS = {"drain": "this disk", "drain-slow-commit": "a commit of 2 ms"}
_OURS, _TOGETHER, _APART, _LIMIT = "#0b6e4f", "#3b6fb6", "#a9c1e0", "#d0d0d0"
_LEGEND = {
    _OURS: "Heliograph: effect and acknowledgement in one transaction",
    _TOGETHER: "peer: in one transaction",
    _APART: "peer: apart",
    _LIMIT: "the inserts alone",
}


def draw(measured: dict[str, Rounds], file: Path) -> None:
    """Draw the rates of both drains as multiples of django-reliable-outbox's.

    Args:
        measured: with `drain`, `drain-slow-commit` or both.
        file: its suffix says the format, such as `.svg`.
    """
    panels = {name: title for name, title in _PANELS.items() if name in measured}
    figure = Figure(figsize=(5.6 * len(panels), 4.6), layout="constrained")
    axes = figure.subplots(1, len(panels), squeeze=False)[0]
    for axis, (name, title) in zip(axes, panels.items(), strict=True):
        rates = _rates(measured[name])
        bars = axis.barh(list(rates), list(rates.values()), color=[_colour(label) for label in rates])
        axis.bar_label(bars, [f"{rate:.2g}" for rate in rates.values()], padding=3)
        axis.set_title(f"One worker process, {title}")
        axis.set_xlabel(f"events a second, times {known.OUTBOX.label}")
        axis.spines[["top", "right"]].set_visible(False)
    handles = [Patch(color=colour, label=label) for colour, label in _LEGEND.items()]
    figure.legend(handles=handles, loc="outside lower center", ncols=len(panels), frameon=False)
    with mpl.rc_context({"svg.fonttype": "none"}):
        figure.savefig(file, metadata={"Date": None} if file.suffix == ".svg" else None)


def _rates(samples: Rounds) -> dict[str, float]:
    found = {label: ratio(samples, label, known.OUTBOX.label, "rate") for label in samples}
    return dict(sorted(((label, rate) for label, rate in found.items() if rate), key=lambda each: each[1]))


def _colour(label: str) -> str:
    if label.startswith("plain loop"):
        return _LIMIT
    if label.startswith(known.OURS.label):
        return _OURS
    return _TOGETHER if label in {each.label for each in known.TOGETHER} else _APART
