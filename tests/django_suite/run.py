"""Django's own tests with Heliograph's `Signal` and `receiver` in the place of Django's.

Usage: python tests/django_suite/run.py [--plain] [LABEL ...]
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import django
from checked_runner import REPORT_VARIABLE
from source import SourceError, django_source
from swap import PLAIN_VARIABLE

HERE = Path(__file__).resolve().parent

# How many tests of each label have to run (those skipped not counted) for the run to prove anything; the counts of
# Django 5.2, which later versions only add to. A missing Pillow would show in the last one.
LEAST = {
    "dispatch": 19,
    "signals": 22,
    "m2m_signals": 14,
    "auth_tests.test_signals": 6,
    "contenttypes_tests": 82,
    "apps": 50,
    "test_utils": 191,
    "model_fields.test_imagefield": 49,
}


def main() -> int:
    """Run the tests that the arguments name, print a table of what ran, and answer 0 only if all is well."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--plain", action="store_true", help="without the swap: is the environment right?")
    parser.add_argument("labels", nargs="*", help="labels as in Django's runtests.py; default: " + " ".join(LEAST))
    options = parser.parse_args()
    labels = options.labels or list(LEAST)
    try:
        tests = django_source() / "tests"
    except SourceError as error:
        print(error, file=sys.stderr)
        return 2
    status, report = _run(tests, labels, plain=options.plain)
    complaints = _complaints(status, report, labels)
    _print_summary(report, complaints, swapped=not options.plain)
    return 1 if complaints else 0


def _run(tests: Path, labels: list[str], *, plain: bool) -> tuple[int, dict[str, Any]]:
    with tempfile.TemporaryDirectory() as scratch:
        report = Path(scratch) / "report.json"
        environment = {**os.environ, REPORT_VARIABLE: str(report)}
        environment.pop(PLAIN_VARIABLE, None)
        if plain:
            environment[PLAIN_VARIABLE] = "1"
        child = subprocess.run([sys.executable, str(HERE / "child.py"), *labels], cwd=tests, env=environment)
        return child.returncode, json.loads(report.read_text()) if report.exists() else {}


def _complaints(status: int, report: dict[str, Any], labels: list[str]) -> list[str]:
    complaints = [f"runtests.py ended with status {status}"] if status else []
    complaints += [f"failed: {test}" for test in report.get("failed", [])]
    ran = report.get("ran", {})
    for label in labels:
        least = LEAST.get(label, 1)
        if ran.get(label, 0) < least:
            complaints.append(f"{label}: {ran.get(label, 0)} tests ran, at least {least} have to")
    return complaints


def _print_summary(report: dict[str, Any], complaints: list[str], *, swapped: bool) -> None:
    dispatcher = "Heliograph's" if swapped else "Django's own"
    print(f"\nDjango {django.__version__}, Python {sys.version.split()[0]}, on {dispatcher} signals")
    for label, count in report.get("ran", {}).items():
        print(f"{count:6} ran  {label}")
    print(f"{len(report.get('skipped', [])):6} skipped by Django")
    for complaint in complaints:
        print(f"NOT WELL: {complaint}")
    if not complaints:
        print("All is well.")


if __name__ == "__main__":
    sys.exit(main())
