"""How fast a backlog is worked off, and what that leaves in the database."""

import json

from durable_delivery.bench import Bench, ProcessError, Processes

#: The figures of one round, by name.
Sample = dict[str, float]

#: How many events have effects, the least and the most effects of one, and the time of the first and of the last.
_SUMMARY = """
    SELECT count(*), min(effects), max(effects), min(first), max(last) FROM (
        SELECT count(*) effects, min(started) first, max(started) last FROM shop_effect GROUP BY event
    ) each
"""
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


def drain(bench: Bench) -> Sample:
    """Measure one round.

    A sample has `rate`, effects a second from the first to the last; and by event, where the database can tell, `wal`,
    bytes of its log beyond the effects, and `dead`, superseded rows. With several workers `rate` is of the time when
    all were at it, and `shared` is the part of the effects that fell into it: 0 if they never were; then the rate is of
    all.

    Raises:
        ProcessError: an event has no effect, or more than one of a receiver.
    """
    with bench.copy() as name:
        before = bench.store.wal_place()
        with bench.workers(name) as processes:
            wait_for_effects(bench, name, processes)
        return {**_rate(bench, name), **_traces(bench, name, before)}


def wait_for_effects(bench: Bench, name: str, processes: Processes) -> None:
    """Wait until there are as many effects as there must be."""
    with bench.store.session(name) as execute:
        bench.wait(name, processes, lambda: all(execute(each)[0][0] >= bench.effects for each in (_NEWEST, _COUNT)))


def check_effects(bench: Bench, name: str) -> tuple[float, float]:
    """Check that each event has one effect of each receiver, and return when the first and the last one began."""
    ((events, least, most, first, last),) = bench.store.rows(name, _SUMMARY)
    audience = bench.contender.audience
    if not (events == bench.events and least == most == audience):
        raise ProcessError(
            f"{bench.contender.label}: {events} events have effects, not {bench.events}, "
            f"and each has {least} to {most}, not {audience}"
        )
    return first, last


def count(bench: Bench) -> Sample:
    """Measure one round whose receivers leave nothing: `rate`, as the process itself tells."""
    with bench.copy() as name:
        report = bench.report(name)
        with bench.workers(name) as processes:
            bench.wait(name, processes, report.exists)
        told = json.loads(report.read_text())
    return {"rate": told["events"] / told["seconds"]}


def _rate(bench: Bench, name: str) -> Sample:
    first, last = check_effects(bench, name)
    rate = (bench.effects - 1) / (last - first)
    if bench.contender.workers == 1:
        return {"rate": rate}
    ((shared, began, ended, at_work),) = bench.store.rows(name, _SHARED)
    if at_work < bench.contender.workers or not shared or ended <= began:
        return {"rate": rate, "shared": 0}
    return {"rate": (shared - 1) / (ended - began), "shared": shared / bench.effects}


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
