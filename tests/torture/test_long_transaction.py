"""A transaction stays open while many events pass."""

import json
import os
import statistics

#: The long form passes 100,000.
EVENTS = int(os.environ.get("TORTURE_PASSING", "10000"))

#: Behind 10,000 updates a row that is updated in place touches many times the blocks; seconds tell it less surely.
AT_MOST = 2.5


def test_a_turn_costs_no_more_while_a_transaction_stays_open(postgresql_bench):
    bench = postgresql_bench(crew="passing")
    told = json.loads(bench.run("-m", "workshop.passing", str(EVENTS), timeout=EVENTS / 100))
    assert told["early"] == 0, "nothing of the open transaction has been delivered"
    assert bench.value("select count(*) from workshop_effect") == 4, "both of its events, to both receivers"
    assert told["late_seconds"] < 5
    for what in ("chunks", "singles"):
        seconds = told[what]
        quarter = max(1, len(seconds) // 4)
        first, last = statistics.median(seconds[:quarter]), statistics.median(seconds[-quarter:])
        print(f"{what}: {first * 1000:.1f} ms at first, {last * 1000:.1f} ms behind {told['events']} events")
        assert last < AT_MOST * first + 0.002
    first, last = told["blocks"]
    print(f"blocks touched by a quarter of the events: {first} at first, {last} at last")
    assert last < AT_MOST * first
