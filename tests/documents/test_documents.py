"""Nothing is shown that does not run: the Python of every document, in the example store."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
RUNNER = Path(__file__).with_name("run_document.py")
DOCUMENTS = [
    path for path in [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))] if "```python" in path.read_text()
]


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_what_a_document_shows_is_what_it_does(document, tmp_path):
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "STORE_DATABASE": str(tmp_path / "store.sqlite3"),
        "PYTHONWARNINGS": "error",
    }
    ran = subprocess.run(
        [sys.executable, str(RUNNER), str(document)],
        cwd=ROOT / "examples" / "store",
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
