"""What sending costs: the same transaction with an event and without."""

import json
import statistics
from collections.abc import Callable
from typing import Any

from durable_delivery.bench import Bench
from durable_delivery.draining import Sample


def send(transactions: int) -> Callable[[Bench], Sample]:
    """Return what measures one round of so many transactions of each kind.

    A sample has, for each kind but `base`: its `ratio` to base, the `us` that it takes more, and the `wal` bytes that
    it writes more, without full-page images.
    """

    def measure(bench: Bench) -> Sample:
        with bench.copy() as name:
            bench.store.wal_place()
            found = json.loads(bench.run(name, "sending", transactions))
            seconds = {kind: statistics.median(each) for kind, each in found["seconds"].items()}
            base = seconds.pop("base")
            sample = {"base us": base * 1e6}
            for kind, each in seconds.items():
                sample[f"{kind} ratio"] = each / base
                sample[f"{kind} us"] = (each - base) * 1e6
            return {**sample, **_wal(bench, name, found)}

    return measure


def _wal(bench: Bench, name: str, found: dict[str, Any]) -> Sample:
    written = {}
    for kind, (before, after) in found["wal"].items():
        told = bench.store.wal_bytes(name, before, after)
        if told is not None:
            written[kind] = told[0] / found["logged"]
    base = written.pop("base", 0)
    return {f"{kind} wal": each - base for kind, each in written.items()}
