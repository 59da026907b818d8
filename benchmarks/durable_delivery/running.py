"""Going through the cells, the contenders of each in turn."""

from __future__ import annotations

import contextlib
import tempfile
import uuid
from collections.abc import Callable, Collection, Sequence
from pathlib import Path

from durable_delivery.bench import Bench
from durable_delivery.cells import Cell
from durable_delivery.contenders import Contender
from durable_delivery.draining import Sample
from durable_delivery.stores.postgresql import PostgreSQL
from durable_delivery.stores.sqlite import SQLite
from durable_delivery.stores.store import Store

#: The samples of one cell by label; the rounds of all contenders correspond.
Rounds = dict[str, list[Sample]]


def measure(cell: Cell, contenders: Sequence[Contender], rounds: int, tell: Callable[[str], None]) -> Rounds:
    """Measure a cell: A B C, A B C, and so on, so that a machine that drifts moves all of them alike.

    Args:
        contenders: those of the cell that take part.
        tell: is told how far it has come.
    """
    samples: Rounds = {each.label: [] for each in contenders}
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="heliograph_benchmark_")))
        store = _store(cell, folder)
        stack.callback(store.close)
        benches = [_bench(cell, each, number, store, folder) for number, each in enumerate(contenders)]
        for bench in benches:
            tell(f"{cell.name}: making the database of {bench.contender.label}")
            bench.build()
        for number in range(rounds):
            for bench in benches:
                tell(f"{cell.name}: round {number + 1} of {rounds}, {bench.contender.label}")
                samples[bench.contender.label].append(cell.measure(bench))
    return samples


def taking_part(cell: Cell, players: Collection[str]) -> tuple[list[Contender], list[Contender]]:
    """Return the contenders of a cell that take part, and those that are not installed.

    Args:
        players: only these; none for all.
    """
    wanted = [each for each in cell.contenders if not players or each.player in players]
    return [each for each in wanted if each.is_installed], [each for each in wanted if not each.is_installed]


def _bench(cell: Cell, contender: Contender, number: int, store: Store, folder: Path) -> Bench:
    backlog = cell.backlog if contender.backlog is None else contender.backlog
    return Bench(contender, f"{contender.player}{number}", store, folder, backlog=backlog, events=cell.events)


def _store(cell: Cell, folder: Path) -> Store:
    if cell.vendor == "sqlite":
        return SQLite(folder)
    return PostgreSQL(f"heliograph_benchmark_{uuid.uuid4().hex[:8]}", commit_delay_us=cell.commit_delay_us)
