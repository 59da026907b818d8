"""What the code has, the documents list."""

import re
from dataclasses import fields
from pathlib import Path

from heliograph import errors
from heliograph.settings import Options

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src" / "heliograph"
LISTED = (ROOT / "docs" / "checks.md").read_text()


def test_every_check_is_listed():
    source = "".join(path.read_text() for path in (SOURCE / "checks").glob("*.py"))
    ids = set(re.findall(r'id="(heliograph\.\w+)"', source))
    assert ids == set(re.findall(r"heliograph\.[EWI]\d+", LISTED))


def test_every_option_is_listed_with_its_default():
    for option in fields(Options):
        assert f"| `{option.name}` | `{option.default}` |" in LISTED


def test_every_error_and_warning_is_listed_and_drawn():
    classes = [name for name, value in vars(errors).items() if getattr(value, "__module__", "") == errors.__name__]
    assert len(classes) > 5
    for name in classes:
        assert name in LISTED
        assert name in errors.__doc__


def test_the_public_names_are_explained():
    import heliograph

    explained = (ROOT / "docs" / "receivers.md").read_text()
    for name in heliograph.__all__:
        assert f"`{name}" in explained or f"@{name}" in explained


def test_the_readme_is_short():
    assert len((ROOT / "README.md").read_text().splitlines()) < 150
