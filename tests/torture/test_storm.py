"""Producers write in every way in which transactions end, while workers are killed and started again."""

import json

import pytest
from torture.crews import MIXED

SECONDS = 5


@pytest.mark.parametrize("seed", ["heliograph"])
def test_every_receiver_has_exactly_what_was_committed(new_bench, seed):
    bench = new_bench()
    pause = "0.05" if bench.is_postgresql else "0.15"
    told = json.loads(bench.run("-m", "workshop.storm", str(SECONDS), seed, "3", pause, timeout=150))
    findings = bench.findings(MIXED)
    print(told, *findings.lines(), sep="\n")
    assert told["drained"], told
    assert told["ended"] == [], "workers have ended that nobody killed"
    findings.assert_clean(repeats=told["kills"] * told["threads"])
    assert findings.committed > 50
    assert told["kills"] > SECONDS / 1.2
    assert told["rollbacks"] > 10
    assert bench.value("select count(*) from heliograph_delivery") == 0
