"""The test runner inside Django's runtests.py: it proves the swap and counts the tests of each label."""

import json
import os
from collections import Counter
from pathlib import Path
from typing import Any

import swap
from django.test.runner import DiscoverRunner
from django.test.utils import iter_test_cases

REPORT_VARIABLE = "HELIOGRAPH_SUITE_REPORT"


class CheckedRunner(DiscoverRunner):
    """Runs the tests on Heliograph's signals or not at all."""

    def build_suite(self, test_labels: Any = None, **kwargs: Any) -> Any:
        self._labels = list(test_labels or [])
        return super().build_suite(test_labels, **kwargs)

    def run_suite(self, suite: Any, **kwargs: Any) -> Any:
        if swap.PLAIN_VARIABLE not in os.environ:
            swap.verify()
        found = [test.id() for test in iter_test_cases(suite)]
        result = super().run_suite(suite, **kwargs)
        skipped = {test.id() for test, _ in result.skipped}
        ran = Counter(self._label_of(test) for test in found if test not in skipped)
        Path(os.environ[REPORT_VARIABLE]).write_text(
            json.dumps(
                {
                    "ran": {label: ran[label] for label in self._labels},
                    "skipped": sorted(skipped),
                    "failed": sorted(test.id() for test, _ in [*result.failures, *result.errors]),
                }
            )
        )
        return result

    def _label_of(self, test: str) -> str:
        return next((label for label in self._labels if test.startswith(f"{label}.")), "")
