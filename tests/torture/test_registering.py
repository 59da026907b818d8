"""Processes that migrate, start to work and send at the same moment, where nothing is registered yet."""

import json

from torture.crews import MIXED

ROUNDS = 4

#: Of all receivers of the crew together.
PARTITIONS = 16


def test_processes_that_register_at_once_have_one_result(new_bench):
    bench = new_bench()
    told = bench.run("-m", "workshop.registering", str(ROUNDS), timeout=200)
    expected = {"failed": [], "subscriptions": sorted(MIXED), "partitions": PARTITIONS, "drained": True}
    assert [json.loads(line) for line in told.splitlines()] == [expected] * ROUNDS
    findings = bench.findings(MIXED)
    findings.assert_clean()
    assert findings.committed == 2 * ROUNDS * 2  # what is sent causes as much again
