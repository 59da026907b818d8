"""Rows of listeners as text for a terminal."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import Any

from heliograph.events.names import label
from heliograph.management.columns import aligned
from heliograph.observe.explain import Explanation
from heliograph.observe.listeners import Listener, sender_label


def listeners_text(rows: Sequence[Listener], unheard: Sequence[str] = ()) -> str:
    """Return the rows under the names of their signals, among those that nobody hears."""
    if not rows and not unheard:
        return "No receiver is connected to any signal."
    blocks = {signal: ["  nobody listens"] for signal in unheard}
    for signal, group in groupby(rows, key=lambda row: row.signal):
        cells = [(f"  {row.receiver}", _mode(row), f"from {_sender(row)}", row.place) for row in group]
        blocks[signal] = aligned(cells)
    return "\n\n".join("\n".join([signal, *lines]) for signal, lines in sorted(blocks.items()))


def explanation_text(signal: Any, sender: type | None, explanation: Explanation) -> str:
    """Return what a sending would do, as numbered steps, and who stays silent."""
    origin = sender_label(sender) if sender else "a sender that no receiver names (give one with --sender)"
    text = [f"{label(signal)}, sent from {origin}"]
    if explanation.runs:
        steps = [(f"  {turn}.", row.receiver, _mode(row), row.place) for turn, row in enumerate(explanation.runs, 1)]
        text += ["", "runs, in this order", *aligned(steps)]
    else:
        text += ["", "runs nobody"]
    if explanation.silent:
        reasons = [(f"  {row.receiver}", reason, row.place) for row, reason in explanation.silent]
        text += ["", "does not run", *aligned(reasons)]
    return "\n".join(text)


def _mode(row: Listener) -> str:
    return f"{row.mode}, async" if row.is_async else row.mode


def _sender(row: Listener) -> str:
    return "anyone" if row.sender is None else f"{row.sender} and subclasses" if row.subclasses else row.sender
