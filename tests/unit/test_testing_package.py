"""`heliograph.testing` can be imported before there are settings, and all of it is documented."""

import subprocess
import sys
from pathlib import Path

import pytest

from heliograph import testing

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "testing.md"


def test_importing_it_wakes_nothing():
    program = "import heliograph.testing, sys; assert not {'django.db', 'django.conf'} & sys.modules.keys()"
    subprocess.run([sys.executable, "-W", "error", "-c", program], check=True, timeout=60)


def test_every_name_is_there_and_no_other():
    assert set(testing.__all__) <= set(dir(testing))
    for name in testing.__all__:
        assert getattr(testing, name).__name__ == name
    with pytest.raises(AttributeError, match=r"module 'heliograph\.testing' has no attribute 'delivr'"):
        testing.delivr  # noqa: B018


def test_every_function_is_explained():
    functions = [name for name in testing.__all__ if name.islower()]
    assert len(functions) > 5
    for name in functions:
        assert f"`{name}(" in DOCUMENT.read_text() or f"`await {name}(" in DOCUMENT.read_text()
