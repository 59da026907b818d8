"""Whether the events of a rare signal are found as fast as if there were no others."""

import time

from durable_delivery.bench import Bench
from durable_delivery.draining import Sample, check_effects, wait_for_effects


def find(bench: Bench) -> Sample:
    """Measure one round: `seconds` from the worker process's start to the last effect, and `rate` of the effects."""
    with bench.copy() as name:
        began = time.time()
        with bench.workers(name) as processes:
            wait_for_effects(bench, name, processes)
        first, last = check_effects(bench, name)
    return {"seconds": last - began, "rate": (bench.effects - 1) / (last - first)}
