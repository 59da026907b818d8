"""How soon an event is delivered when nothing else is going on."""

import json
import statistics
from collections.abc import Callable

from durable_delivery.bench import Bench
from durable_delivery.draining import Sample

#: Events that are sent first, so that everything is awake and known; they are not counted.
_WARM_UP = 10
_NEWEST = "SELECT coalesce(max(id), 0) FROM shop_effect"
_STARTED = "SELECT event, started FROM shop_effect ORDER BY id"


def latency(events: int) -> Callable[[Bench], Sample]:
    """Return what measures one round of so many events: `p50` and `p99`, in ms from COMMIT to the receiver's start."""

    def measure(bench: Bench) -> Sample:
        with bench.copy() as name, bench.workers(name) as processes, bench.store.session(name) as execute:
            bench.run(name, "preload", 1)  # the worker is there once this is done
            bench.wait(name, processes, lambda: execute(_NEWEST)[0][0] >= 1)
            execute("DELETE FROM shop_effect")
            committed = json.loads(bench.run(name, "pacing", events + _WARM_UP))
            bench.wait(name, processes, lambda: execute(_NEWEST)[0][0] >= 1 + events + _WARM_UP)
            started = dict(execute(_STARTED))
        waits = [(started[int(number)] - at) * 1000 for number, at in committed.items()][_WARM_UP:]
        return {"p50": statistics.median(waits), "p99": statistics.quantiles(waits, n=100)[98]}

    return measure
