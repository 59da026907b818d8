"""Many events pass a transaction that stays open: ``python -m workshop.passing EVENTS``.

Prints one JSON object: the seconds that chunks of events, and then single ones, took to be delivered, in order.
"""

import itertools
import json
import statistics
import sys
import time

import django

CHUNK = 1000
SINGLES = 3
DEADLINE = 120

#: Seconds. A session tells the statistics at a transaction's end, and not again within PGSTAT_MIN_INTERVAL.
STATISTICS_DUE = 1.0


def main(events):
    from workshop.forks import worker
    from workshop.hand import Hand
    from workshop.models import Effect
    from workshop.signals import made, send

    working = worker()
    holding = Hand()
    holding.begin()
    holding(send, "held 1")
    holding(send, "held 2")
    count = 0

    def pass_by(number):
        """Send events in one transaction, and return the seconds until every receiver has got them."""
        nonlocal count
        made.send_many(None, [{"token": "passing", "key": None, "number": None} for _ in range(number)])
        count += number
        return wait_until_seen(count)

    def blocks_so_far():
        time.sleep(STATISTICS_DUE)
        pass_by(1)  # whose transactions bring the statistics up to date
        pass_by(1)  # those are at an end
        return blocks_touched()

    wait_for_owner()
    pass_by(CHUNK)  # what is only slow the first time is not counted
    turns = events // CHUNK
    quarter = max(1, turns // 4)
    chunks, singles, blocks = [], [], []
    for turn in range(turns):
        if turn in (0, quarter, turns - quarter):
            blocks.append(blocks_so_far())
        chunks.append(pass_by(CHUNK))
        singles.append(statistics.median(pass_by(1) for _ in range(SINGLES)))
    blocks.append(blocks_so_far())
    first, _, last = (after - before for before, after in itertools.pairwise(blocks))
    early = Effect.objects.count()
    holding.commit()
    late = wait_until_seen(count + 2)
    told = {
        "events": count,
        "chunks": chunks,
        "singles": singles,
        "blocks": [first, last],
        "early": early,
        "late_seconds": late,
    }
    wait(lambda: Effect.objects.count() == 4)
    print(json.dumps(told))
    working.kill()


def blocks_touched():
    """Return how many blocks of Heliograph's tables and indexes have been touched, by the statistics."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            "select sum(heap_blks_hit + heap_blks_read + idx_blks_hit + idx_blks_read)::bigint "
            "from pg_statio_user_tables where relname like 'heliograph%%'",
            (),
        )
        return cursor.fetchone()[0]


def wait_for_owner():
    """Wait until a worker owns every partition."""
    from heliograph.models import Partition

    wait(lambda: not Partition.objects.filter(worker=None).exists())


def wait_until_seen(count):
    """Wait until every receiver has got so many events, and return how long that took."""
    from workshop.crews.passing import seen

    return wait(lambda: min(seen) >= count)


def wait(satisfied):
    began = time.monotonic()
    while not satisfied():
        if time.monotonic() - began > DEADLINE:
            raise TimeoutError
        time.sleep(0.001)
    return time.monotonic() - began


if __name__ == "__main__":
    django.setup()
    main(int(sys.argv[1]))
