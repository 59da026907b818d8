"""How fast a backlog is worked off, and what that leaves in the database."""

import json
from collections.abc import Callable

from durable_delivery.bench import Bench, ProcessError

#: The figures of one round, by name.
Sample = dict[str, float]

_SUMMARY = "SELECT count(*), count(DISTINCT event), min(started), max(started) FROM shop_effect"
#: Cheap enough to be asked again and again; what was rolled back has taken ids too.
_NEWEST = "SELECT coalesce(max(id), 0) FROM shop_effect"
_COUNT = "SELECT count(*) FROM shop_effect"
#: Effects while all workers were at it: since the last one began, until the first one had nothing left.
_SHARED = """
    WITH span AS (SELECT min(started) first, max(started) last FROM shop_effect GROUP BY worker)
    SELECT count(*), (SELECT max(first) FROM span), (SELECT min(last) FROM span), (SELECT count(*) FROM span)
    FROM shop_effect
    WHERE started BETWEEN (SELECT max(first) FROM span) AND (SELECT min(last) FROM span)
"""


def drain(workers: int = 1) -> Callable[[Bench], Sample]:
    """Return what measures one round with so many worker processes.

    A sample has `rate`, events a second from the first effect to the last; and by event, where the database can tell,
    `wal`, bytes of its log beyond the effects, and `dead`, superseded rows.
    """

    def measure(bench: Bench) -> Sample:
        with bench.copy() as name:
            before = bench.store.wal_place()
            with bench.workers(name, workers) as processes, bench.store.session(name) as execute:
                bench.wait(
                    name, processes, lambda: all(execute(each)[0][0] >= bench.events for each in (_NEWEST, _COUNT))
                )
            return {"rate": _rate(bench, name, workers), **_traces(bench, name, before)}

    return measure


def count(bench: Bench) -> Sample:
    """Measure one round whose receivers leave nothing: `rate`, as the process itself tells."""
    with bench.copy() as name:
        report = bench.report(name)
        with bench.workers(name) as processes:
            bench.wait(name, processes, report.exists)
        told = json.loads(report.read_text())
    return {"rate": told["events"] / told["seconds"]}


def _rate(bench: Bench, name: str, workers: int) -> float:
    ((effects, events, first, last),) = bench.store.rows(name, _SUMMARY)
    if not effects == events == bench.events:
        raise ProcessError(f"{bench.contender.label}: {effects} effects of {events} events, not {bench.events}")
    if workers > 1:
        ((shared, began, ended, at_work),) = bench.store.rows(name, _SHARED)
        if at_work == workers and ended and ended > began:
            return float((shared - 1) / (ended - began))
    return float((effects - 1) / (last - first))


def _traces(bench: Bench, name: str, before: str) -> Sample:
    found: Sample = {}
    written = bench.store.wal_bytes(name, before, bench.store.wal_place())
    if written is not None:
        everything, effects = written
        found["wal"] = (everything - effects) / bench.events
    dead = bench.store.dead_rows(name)
    if dead is not None:
        found["dead"] = dead / bench.events
    return found
