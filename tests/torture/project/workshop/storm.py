"""The storm: producers write while workers are killed and started again; then all that is left is drained.

    python -m workshop.storm SECONDS SEED PRODUCERS PAUSE_SECONDS [calm]

Calm, no worker is killed: whoever has started it has other plans.

Prints one JSON object: kills, rollbacks, how long the drain took, and workers that ended without being killed.
"""

import contextlib
import json
import os
import signal
import sys
import time
from random import Random

import django

WORKERS = 2
THREADS = 2
DRAIN_SECONDS = 120
DEPLOYS = 0.2


def main(seconds, seed, producers, pause, *, calm):
    from workshop.forks import Fork, worker
    from workshop.producing import Producer, make_counters

    make_counters()
    random = Random(seed)
    reader, writer = os.pipe()
    until = time.monotonic() + seconds

    def produce(name):
        producer = Producer(seed, name, pause)
        producer.run(until)
        os.write(writer, f"{producer.rollbacks}\n".encode())

    with contextlib.ExitStack() as stack:
        writing = [Fork(lambda name=f"p{number}": produce(name)) for number in range(producers)]
        working = [worker(threads=THREADS) for _ in range(WORKERS)]
        stack.callback(lambda: [each.kill() for each in (*writing, *working)])
        kills, ended = 0, []
        while time.monotonic() < until and not calm:
            waited_for = random.randrange(WORKERS)
            working[waited_for].ends_within(random.uniform(0.3, 1.2))
            # Now and then all of them, as in a deploy: what is committed meanwhile is one step of the sequencer.
            is_deploy = random.random() < DEPLOYS
            for number in range(WORKERS) if is_deploy else [waited_for]:
                if working[number].ends_within(0):
                    ended.append(working[number].status)
                else:
                    working[number].kill()
                    kills += 1
            if is_deploy:
                time.sleep(random.uniform(0.2, 0.8))
            working = [worker(threads=THREADS) if each.status is not None else each for each in working]
        for each in writing:
            if not each.ends_within(seconds + 60) or each.status:
                raise RuntimeError(f"a producer has failed: {each.status}")
        ended += [each.status for each in working if each.ends_within(0)]
        for each in working:
            each.kill(signal.SIGTERM if calm else signal.SIGKILL)
        kills += 0 if calm else len(working)
    with os.fdopen(reader) as answers:  # one line each; other processes have inherited the other end
        rollbacks = sum(int(answers.readline()) for _ in writing)
    began = time.monotonic()
    drained = drain(began + DRAIN_SECONDS)
    drain_seconds = round(time.monotonic() - began, 1)
    told = {"kills": kills, "rollbacks": rollbacks, "ended": ended, "drained": drained, "threads": THREADS}
    print(json.dumps({**told, "drain_seconds": drain_seconds}))


def drain(deadline):
    """Run workers until nothing is owed, due or not, and tell whether that came about in time."""
    from heliograph.models import Delivery
    from workshop.forks import worker

    while True:
        draining = worker(threads=THREADS, drain=True)
        done = draining.ends_within(deadline - time.monotonic()) and draining.status == 0
        draining.kill()
        if not done or not Delivery.objects.exclude(state="dead").exists():
            return done


if __name__ == "__main__":
    django.setup()
    seconds, seed, producers, pause = sys.argv[1:5]
    main(float(seconds), seed, int(producers), float(pause), calm="calm" in sys.argv)
