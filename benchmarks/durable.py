"""How durable receivers compare with queues and outboxes, and with the same inserts in a plain loop.

Usage: python benchmarks/durable.py [--only CELL]... [--players NAME]... [--rounds N] [--events N] [--json FILE]
"""

import argparse
import json
import signal
import sys
from pathlib import Path

from durable_delivery.cells import Cell, cells
from durable_delivery.goals import judge
from durable_delivery.report import as_json, machine, table, verdicts_table
from durable_delivery.running import Rounds, measure, taking_part


def main() -> int:
    """Measure, print a table for each cell and the goals, and answer 1 if `--check` is given and a goal is missed."""
    options = _options()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that what was made is taken away then too
    print(f"{machine()}. Medians of {options.rounds} rounds.", flush=True)
    measured = _known_before(options.add_to)
    for cell in cells(options.events, options.long_events):
        if cell.name in options.only if options.only else not (cell.is_long or measured):
            _measure(cell, options, measured)
        if cell.name in measured:
            print(f"\n{table(cell, measured[cell.name])}", flush=True)
    verdicts = judge(measured)
    if verdicts:
        print(f"\n{verdicts_table(verdicts)}")
    if options.json:
        options.json.write_text(json.dumps(as_json(measured, verdicts), indent=1) + "\n")
    if options.plot:
        from durable_delivery.plot import draw

        draw(measured, options.plot)
    return 1 if options.check and not all(verdict.is_met for verdict in verdicts) else 0


def _measure(cell: Cell, options: argparse.Namespace, measured: dict[str, Rounds]) -> None:
    contenders, missing = taking_part(cell, options.players or ())
    for contender in missing:
        _tell(f"{cell.name}: {contender.label} is not installed and left out")
    if contenders:
        measured[cell.name] = measure(cell, contenders, options.rounds, _tell)


def _known_before(file: Path | None) -> dict[str, Rounds]:
    return json.loads(file.read_text())["cells"] if file else {}


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    names = ", ".join(f"{cell.name} (long)" if cell.is_long else cell.name for cell in cells(1000))
    choices = [cell.name for cell in cells(1000)]
    parser.add_argument("--only", nargs="+", choices=choices, metavar="CELL", help=f"only these of {names}")
    parser.add_argument("--players", nargs="+", metavar="NAME", help="only these modules of durable_delivery/players")
    parser.add_argument("--rounds", type=int, default=5, help="how often each contender is measured in each cell (5)")
    parser.add_argument("--events", type=int, default=5000, help="how many events a backlog has (5000)")
    parser.add_argument("--long-events", type=int, default=1_000_000, metavar="N", help="and a long one (1000000)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write every sample to a file too")
    parser.add_argument(
        "--add-to", type=Path, metavar="FILE", help="show what such a file has, beside what --only names"
    )
    parser.add_argument("--plot", type=Path, metavar="FILE", help="draw the drains, as .svg or .png")
    parser.add_argument("--check", action="store_true", help="end with status 1 if a goal is missed")
    return parser.parse_args()


def _tell(what: str) -> None:
    print(what, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
