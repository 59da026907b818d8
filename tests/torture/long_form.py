"""The long form of the storm: ``make torture DURATION=seconds SEED=word``. Prints what it found.

The wrong sequencers have their storm too, for a fifth of the time each, and have to be found out.
"""

import argparse
import json
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from torture.bench import Bench, postgres_database, sqlite_database
from torture.cluster import Cluster, binaries
from torture.crews import MIXED
from torture.findings import Findings
from torture.wrong_sequencers import by_xid, naive, with_each_event


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=float, default=120)
    parser.add_argument("--seed", default="heliograph")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        found = storm("SQLite", sqlite_database(Path(folder, "workshop.sqlite3")), given.seconds, given.seed)
        wrong = not is_clean(found)
        if binaries() is None:
            sys.exit("PostgreSQL's server is not installed: SQLite alone was tortured.")
        cluster = Cluster()
        try:
            found = storm("PostgreSQL", database(cluster, "workshop"), given.seconds, given.seed)
            wrong |= not is_clean(found)
            for change in (naive, by_xid, with_each_event):
                name = f"wrong_{change.__name__}"
                title = f"PostgreSQL, {change.__doc__}"
                found = storm(title, database(cluster, name), given.seconds / 5, given.seed, change)
                if is_clean(found):
                    print("  NOT FOUND OUT", flush=True)
                    wrong = True
        finally:
            cluster.destroy()
    sys.exit("Something is wrong." if wrong else None)


def storm(title, database, seconds, seed, change=None) -> tuple[dict, Findings]:
    """Have a storm in a new database, and tell of it."""
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(database, Path(folder))
        try:
            bench.migrate()
            if change is not None:
                bench.rows(change(bench.value("select pg_get_functiondef('heliograph_sequence'::regproc)")))
            pause = "0.08" if bench.is_postgresql else "0.2"
            timeout = 2 * seconds + 200
            told = json.loads(bench.run("-m", "workshop.storm", str(seconds), seed, "3", pause, timeout=timeout))
            findings = bench.findings(MIXED)
        finally:
            bench.close()
    print(f"{title.rstrip('.')}: {seconds:.0f} s, seed {seed}")
    print(f"  {told['kills']} kills, {told['rollbacks']} rollbacks, drained in {told['drain_seconds']} s")
    print(*(f"  {line}" for line in findings.lines()), sep="\n", flush=True)
    return told, findings


def is_clean(found: tuple[dict, Findings]) -> bool:
    told, findings = found
    try:
        findings.assert_clean(repeats=told["kills"] * told["threads"])
    except AssertionError as error:
        print(f"  {error}", flush=True)
        return False
    return told["drained"] and not told["ended"]


def database(cluster: Cluster, name: str) -> dict:
    admin = Bench(postgres_database(cluster.dsn, "postgres"), Path())
    admin.rows(f"create database {name}")
    return postgres_database(cluster.dsn, name)


if __name__ == "__main__":
    main()
