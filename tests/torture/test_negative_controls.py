"""The checker finds out wrong sequencers: each interleaving is made by hand, and each wrong order breaks on one."""

import pytest
from torture.findings import Receiver
from torture.wrong_sequencers import after_a_write, by_xid, naive

RECEIVERS = {"plain": Receiver(), "second": Receiver()}


@pytest.fixture
def findings_with(postgresql_bench):
    """What the checker finds when the sequencer has been changed by a function of its source."""

    def run(change):
        bench = postgresql_bench(crew="plain")
        source = bench.value("select pg_get_functiondef('heliograph_sequence'::regproc)")
        bench.rows(change(source))
        bench.run("-m", "workshop.interleaving")
        bench.drain()
        return bench.findings(RECEIVERS)

    return run


def test_the_sequencer_itself_passes(findings_with):
    findings = findings_with(lambda source: source)
    findings.assert_clean()
    assert findings.committed == 6


def test_everything_behind_the_last_id_loses_what_commits_late(findings_with):
    findings = findings_with(naive)
    assert findings.lost == ["plain: late commit", "second: late commit"]
    with pytest.raises(AssertionError, match="2 lost"):
        findings.assert_clean()


def test_windows_in_the_order_of_transaction_ids_break_the_order_of_keys(findings_with):
    findings = findings_with(by_xid)
    assert findings.out_of_order == ["plain: key 1 after 2", "second: key 1 after 2"]
    with pytest.raises(AssertionError, match="2 out_of_order"):
        findings.assert_clean()


def test_a_snapshot_taken_after_a_write_loses_what_its_transaction_writes_next(findings_with):
    findings = findings_with(after_a_write)
    assert findings.lost == ["plain: after the step", "second: after the step"]
    with pytest.raises(AssertionError, match="2 lost"):
        findings.assert_clean()
