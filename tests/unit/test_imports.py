"""Importing Heliograph loads no database and reads no setting; its dispatcher loads no Django."""

import os
import pkgutil
import subprocess
import sys

import pytest

import heliograph.dispatch

DISPATCH = [f"heliograph.dispatch.{each.name}" for each in pkgutil.iter_modules(heliograph.dispatch.__path__)]


def in_a_new_process(code):
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        env={name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


@pytest.mark.parametrize(
    "statement",
    ["import heliograph", "from heliograph import *", "from heliograph import Signal, signal, receiver, muted"],
)
def test_importing_the_package_loads_no_database_and_reads_no_setting(statement):
    code = f"""
import sys
{statement}
from django.conf import settings
assert not settings.configured
print(*[name for name in sys.modules if name.startswith("django.db")])
"""
    assert in_a_new_process(code) == []


def test_the_package_lists_its_public_names_before_they_are_loaded():
    listed = in_a_new_process("import heliograph; print(*dir(heliograph))")
    assert {"Signal", "current_event", "muted", "receiver", "signal"} <= {*listed}


def test_a_signal_works_without_settings_database_or_apps():
    code = """
import sys
from heliograph import Signal, muted, receiver, signal

opened = Signal()

@signal
def closed(*, door: int) -> None: ...

@receiver([opened, closed])
def hear(**named):
    return 1

assert opened.send(None) == opened.send_robust(None) == closed.send(None, door=1) == [(hear, 1)]
with muted(hear):
    assert opened.send(None) == []
assert opened.name == "__main__.opened"
from django.conf import settings
assert not settings.configured
assert "django.db" not in sys.modules
"""
    assert in_a_new_process(code) == []


@pytest.mark.parametrize("module", ["heliograph.dispatch", "heliograph.errors", *DISPATCH])
def test_the_dispatcher_loads_no_django(module):
    code = f"import sys, {module}; print(*[name for name in sys.modules if name.partition('.')[0] == 'django'])"
    assert in_a_new_process(code) == []


def test_the_package_gives_its_public_names_and_no_other():
    durable = ["Reject", "RetryLater", "RetryPolicy", "current_event"]
    assert sorted(heliograph.__all__) == sorted([*durable, "Signal", "muted", "receiver", "signal"])
    assert all(getattr(heliograph, name).__name__ == name for name in heliograph.__all__)
    assert {*heliograph.__all__} <= {*dir(heliograph)}
    with pytest.raises(AttributeError, match="no attribute 'recevier'"):
        _ = heliograph.recevier
