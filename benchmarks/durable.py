"""How durable receivers compare with queues and outboxes, and with the same inserts in a plain loop.

Usage: python benchmarks/durable.py [--only CELL]... [--players NAME]... [--rounds N] [--events N] [--json FILE]
"""

import argparse
import json
import sys
from pathlib import Path

from durable_delivery.cells import cells
from durable_delivery.report import as_json, machine, table
from durable_delivery.running import Rounds, measure, taking_part


def main() -> int:
    """Measure, and print a table for each cell."""
    options = _options()
    measured: dict[str, Rounds] = {}
    print(f"{machine()}. Medians of {options.rounds} rounds.", flush=True)
    for cell in cells(options.events, options.long_events):
        if cell.name not in options.only if options.only else cell.is_long:
            continue
        contenders, missing = taking_part(cell, options.players or ())
        for contender in missing:
            _tell(f"{cell.name}: {contender.label} is not installed and left out")
        if contenders:
            measured[cell.name] = measure(cell, contenders, options.rounds, _tell)
            print(f"\n{table(cell, measured[cell.name])}", flush=True)
    if options.json:
        options.json.write_text(json.dumps(as_json(measured), indent=1) + "\n")
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    names = [cell.name for cell in cells(1000)]
    parser.add_argument("--only", nargs="+", choices=names, metavar="CELL", help=f"only these of {', '.join(names)}")
    parser.add_argument("--players", nargs="+", metavar="NAME", help="only these modules of durable_delivery/players")
    parser.add_argument("--rounds", type=int, default=5, help="how often each contender is measured in each cell (5)")
    parser.add_argument("--events", type=int, default=2000, help="how many events a backlog has (2000)")
    parser.add_argument("--long-events", type=int, default=1_000_000, metavar="N", help="and a long one (1000000)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write every sample to a file too")
    return parser.parse_args()


def _tell(what: str) -> None:
    print(what, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
