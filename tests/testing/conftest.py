"""pytest in processes of its own, with Heliograph as it is when it is installed."""

import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

INI = """
[pytest]
filterwarnings = error
"""


@pytest.fixture
def run(tmp_path):
    """Return what runs pytest in a folder, with Heliograph as it is when it is installed."""
    installed = tmp_path / "installed" / "heliograph_here-1.0.dist-info"
    installed.mkdir(parents=True)
    entries = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["entry-points"]["pytest11"]
    lines = "\n".join(f"{name} = {place}" for name, place in entries.items())
    installed.joinpath("METADATA").write_text("Metadata-Version: 2.1\nName: heliograph-here\nVersion: 1.0\n")
    installed.joinpath("entry_points.txt").write_text(f"[pytest11]\n{lines}\n")
    files = [str(each.relative_to(ROOT / "src")) for each in (ROOT / "src").rglob("*.py")]
    installed.joinpath("RECORD").write_text("".join(f"{each},,\n" for each in files))

    def run(folder, *options, path=()):
        folder.joinpath("pytest.ini").write_text(INI)
        environment = {name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"}
        environment |= {
            "PYTHONPATH": os.pathsep.join(map(str, (folder, *path, tmp_path / "installed"))),
            "PYTHONDONTWRITEBYTECODE": "1",
        }
        return subprocess.run(
            [sys.executable, "-W", "error", "-m", "pytest", "-q", "-p", "no:cacheprovider", *options],
            cwd=folder,
            env=environment,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    return run
