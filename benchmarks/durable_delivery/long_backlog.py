"""Whether a long backlog is worked off as fast at its end as at its start, and in how much memory."""

from durable_delivery.bench import Bench
from durable_delivery.draining import Sample, check_effects, wait_for_effects
from durable_delivery.processes import peak_memory_mib

#: Effects by the order in which they began, between two places of it: how many a second.
_RATE = """
    SELECT (count(*) - 1) / (max(started) - min(started)) FROM (
        SELECT started, row_number() OVER (ORDER BY started) place FROM shop_effect
    ) effect WHERE place > {after} AND place <= {until}
"""


def long_backlog(bench: Bench) -> Sample:
    """Measure one round: `start` and `end`, effects a second in the first and the last tenth, `ratio` and `memory`."""
    with bench.copy() as name:
        with bench.workers(name) as processes:
            wait_for_effects(bench, name, processes)
            memory = max(peak_memory_mib(process.pid) for process in processes)
        check_effects(bench, name)
        tenth = bench.effects // 10
        start = _rate(bench, name, 0, tenth)
        end = _rate(bench, name, bench.effects - tenth, bench.effects)
    return {"start": start, "end": end, "ratio": end / start, "memory": memory}


def _rate(bench: Bench, name: str, after: int, until: int) -> float:
    ((rate,),) = bench.store.rows(name, _RATE.format(after=after, until=until))
    return float(rate)
