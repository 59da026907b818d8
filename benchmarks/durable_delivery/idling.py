"""What a worker uses while nothing happens, and for one event."""

import time
from collections.abc import Callable

from durable_delivery.bench import Bench
from durable_delivery.draining import Sample
from durable_delivery.processes import cpu_seconds

_PACED = 200


def idle(seconds: int) -> Callable[[Bench], Sample]:
    """Return what measures one round: `idle`, the worker's share of a core in percent, and `ms` that it uses an event.

    The share is taken over so many seconds, after the worker has gone through what was in the log. `ms` is of events
    with pauses between them, for each of which it is woken.
    """

    def measure(bench: Bench) -> Sample:
        with bench.copy() as name, bench.workers(name) as processes:
            bench.wait(name, processes, bench.report(name).exists)
            (worker,) = processes
            time.sleep(2)
            idle = _used(worker.pid, lambda: time.sleep(seconds)) / seconds
            began = time.monotonic()
            used = _used(worker.pid, lambda: bench.run(name, "pacing", _PACED))
            used -= idle * (time.monotonic() - began)
        return {"idle": idle * 100, "ms": used / _PACED * 1000}

    return measure


def _used(pid: int, meanwhile: Callable[[], object]) -> float:
    before = cpu_seconds(pid)
    meanwhile()
    return cpu_seconds(pid) - before
