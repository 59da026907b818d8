"""The tests that the document shows, run by pytest in the example store."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DOCUMENT = ROOT / "docs" / "testing.md"
STORE = ROOT / "examples" / "store"

SETTINGS = """
from config.settings import *

DATABASES["default"]["TEST"] = {"NAME": %r}
"""


def test_the_tests_that_are_shown_pass(run, tmp_path):
    folder = tmp_path / "shown"
    folder.mkdir()
    shown = re.findall(r"^```python\n(.*?)^```$", DOCUMENT.read_text(), re.MULTILINE | re.DOTALL)
    folder.joinpath("test_shown.py").write_text("\n".join(shown))
    folder.joinpath("shown_settings.py").write_text(SETTINGS % str(tmp_path / "test.sqlite3"))
    done = run(folder, "--ds=shown_settings", path=[STORE])
    assert done.returncode == 0, done.stdout + done.stderr
    count = len(re.findall(r"^ *def test_", "\n".join(shown), re.MULTILINE))
    assert f"{count} passed" in done.stdout
