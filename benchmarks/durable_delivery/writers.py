"""What wake-ups cost eight writers at full speed."""

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from durable_delivery import gate
from durable_delivery.bench import Bench
from durable_delivery.draining import Sample
from heliograph.delivery.sql.wake import CHANNEL

_WRITERS = 8


def writers(seconds: int) -> Callable[[Bench], Sample]:
    """Return what measures one round: transactions a second `waking` and `silent`, and their `ratio`.

    No worker takes part, whose work would be in the writers' way as it pleases; a session listens, as a worker's does.

    Args:
        seconds: of a round, half of them with wake-ups.
    """

    def measure(bench: Bench) -> Sample:
        with bench.copy() as name, bench.store.session(name) as execute, ThreadPoolExecutor(_WRITERS) as pool:
            ((channel,),) = execute(CHANNEL)
            execute(f'LISTEN "{channel}"')
            execute(gate.CLOSE)
            writing = [pool.submit(bench.run, name, "writing", seconds) for _ in range(_WRITERS)]
            bench.wait(name, [], lambda: gate.waiting(execute) == _WRITERS or any(each.done() for each in writing))
            execute(gate.OPEN)
            told = [json.loads(each.result()) for each in writing]
        waking, silent = (sum(each[kind] for each in told) for kind in ("waking", "silent"))
        return {"waking": waking / seconds * 2, "silent": silent / seconds * 2, "ratio": waking / silent}

    return measure
