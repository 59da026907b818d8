import os
import subprocess
import sys
from pathlib import Path

RUN = Path(__file__).with_name("run.py")


def run_suite(*arguments: str, **variables: str) -> tuple[int, str]:
    done = subprocess.run(
        [sys.executable, str(RUN), *arguments],
        env={**os.environ, **variables},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    return done.returncode, "\n".join(done.stdout.splitlines()[-200:])


def test_djangos_own_tests_pass_on_heliographs_signals() -> None:
    status, output = run_suite()

    assert status == 0, output
    assert "on Heliograph's signals" in output


def test_a_run_in_which_too_few_tests_ran_fails() -> None:
    status, output = run_suite("--plain", "signals.no_such_tests")

    assert status == 1
    assert "signals.no_such_tests: 0 tests ran, at least 1 have to" in output


def test_a_run_with_nothing_to_swap_in_fails(tmp_path: Path) -> None:
    (tmp_path / "heliograph.py").write_text("from django.dispatch import Signal, receiver\n")

    status, output = run_suite("dispatch", PYTHONPATH=str(tmp_path))

    assert status == 1
    assert "is Django's own: there is nothing to swap in" in output
    assert "dispatch: 0 tests ran" in output


def test_a_run_in_which_a_signal_of_djangos_own_class_is_left_fails(tmp_path: Path) -> None:
    (tmp_path / "heliograph.py").write_text(
        "import django.core.signals\n"  # makes its signals before the swap
        "from django.dispatch import Signal as DjangoSignal, receiver as django_receiver\n"
        "class Signal(DjangoSignal): pass\n"
        "def receiver(*signals, **options): return django_receiver(*signals, **options)\n"
    )

    status, output = run_suite("dispatch", PYTHONPATH=str(tmp_path))

    assert status == 1
    assert "Still Django's own: " in output
    assert "django.core.signals.request_started" in output
