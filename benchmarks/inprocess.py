"""How fast Heliograph's dispatcher is beside its peers, and beside a plain loop over the same receivers.

Usage: python benchmarks/inprocess.py [--quick] [--check] [--json FILE]
"""

import argparse
import json
import sys
from pathlib import Path

import django
from django.conf import settings


def main() -> int:
    """Measure, print the tables, and answer 1 if `--check` is given and a goal is missed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="a few seconds: every row is there, no figure is reliable")
    parser.add_argument("--check", action="store_true", help="end with status 1 if a goal is missed")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all figures to a file too")
    options = parser.parse_args()
    _configure_django()
    from dispatchers.cells import GRID
    from dispatchers.connections import measure_connections
    from dispatchers.goals import judge
    from dispatchers.measure import QUICK, THOROUGH, measure
    from dispatchers.report import as_json, connections_table, machine, sending_table, verdicts_table

    grid = measure(GRID, QUICK if options.quick else THOROUGH)
    present = 1_000 if options.quick else 10_000
    costs = measure_connections(present, rounds=3 if options.quick else 25)
    verdicts = judge(grid, costs)
    tables = [sending_table(grid), connections_table(costs, present), verdicts_table(verdicts)]
    print("\n\n".join([f"{machine()}. Times the loop's time; less is better.", *tables]))
    if options.json:
        options.json.write_text(json.dumps(as_json(grid, costs, verdicts), indent=1) + "\n")
    return 1 if options.check and not all(verdict.is_met for verdict in verdicts) else 0


def _configure_django() -> None:
    """Settings and an open connection, as in a project: what Heliograph asks about transactions has to be asked."""
    database = {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}
    settings.configure(DATABASES={"default": database}, INSTALLED_APPS=[])
    django.setup()
    from django.db import connection

    connection.ensure_connection()


if __name__ == "__main__":
    sys.exit(main())
