"""PostgreSQL is restarted as if its machine had lost power, while everybody is at work."""

import json

from torture.crews import MIXED

SECONDS = 4

#: Who was ever blamed, also if the delivery has succeeded since.
WATCH = """
    create table blamed (kills integer, errors text);
    create function note_blame() returns trigger language plpgsql as $$
    begin
        insert into blamed values (new.kills, new.errors);
        return null;
    end $$;
    create trigger note_blame after insert or update on heliograph_delivery
        for each row when (new.kills > 0 or new.errors like '%Disconnected%' or new.errors like '%OperationalError%')
        execute function note_blame();
"""


def test_a_server_that_is_restarted_under_load(postgresql_bench, cluster):
    bench = postgresql_bench()
    bench.rows(WATCH)
    storm = bench.start("-m", "workshop.storm", str(SECONDS), "restarts", "3", "0.05", "calm")
    for wanted in (50, 400):
        bench.wait_for("select count(*) from workshop_effect", lambda count, wanted=wanted: count > wanted)
        cluster.stop("immediate")
        cluster.start()
    output, _ = storm.communicate(timeout=150)
    assert storm.returncode == 0, storm.log.read_text()[-3000:]
    told = json.loads(output)
    findings = bench.findings(MIXED)
    print(told, *findings.lines(), sep="\n")
    assert told["drained"], told
    assert told["ended"] == [], "the workers have lived on"
    findings.assert_clean(repeats=2 * 2 * told["threads"] + told["kills"] * told["threads"])
    assert findings.committed > 50
    assert bench.rows("select kills, errors from blamed") == [], "nobody is blamed"
