"""SQLite: a web process writes while a worker drains a backlog."""

import json
import statistics

SECONDS = 3
P99_SECONDS = 0.2


def test_a_web_thread_writes_while_a_backlog_drains(sqlite_bench):
    bench = sqlite_bench(crew="web")
    browsing = bench.start("-m", "workshop.browsing", str(SECONDS))
    assert browsing.stdout.readline() == "ready\n", browsing.log.read_text()
    worker = bench.worker()
    output, _ = browsing.communicate(timeout=60)
    told = json.loads(output)
    writes = sorted(told["writes"])
    p99 = writes[int(len(writes) * 0.99)]
    print(
        f"{len(writes)} writes: median {statistics.median(writes) * 1000:.1f} ms, p99 {p99 * 1000:.0f} ms, "
        f"longest {writes[-1] * 1000:.0f} ms; {told['delivered']} of {told['backlog']} delivered meanwhile"
    )
    assert told["errors"] == []
    assert p99 < P99_SECONDS
    assert len(writes) > 50
    assert 100 < told["delivered"] < told["backlog"], "the worker was at it, all the time"
    assert worker.poll() is None
