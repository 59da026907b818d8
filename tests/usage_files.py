"""The usage files, and what type checkers find in them."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

USAGE = Path(__file__).parent / "typing" / "usage"
FILES = sorted(file.name for file in USAGE.glob("*.py"))


def marked_lines(file: str) -> list[int]:
    """Return the numbers of the lines that are marked as wrong."""
    lines = (USAGE / file).read_text().splitlines()
    return [number for number, line in enumerate(lines, 1) if line.endswith("  # error")]


def mypy(project: Path, *options: str) -> dict[str, dict[int, str]]:
    """Return what mypy finds in the usage files: the message by file and number of line.

    Args:
        project: a folder, to which the files are copied; its ``mypy.ini`` is used if it has one.

    Raises:
        AssertionError: mypy does not work, or finds an error elsewhere than in the files.
    """
    _copy_to(project)
    done = _run(project, "-m", "mypy", "--strict", "--output", "json", *options, *FILES)
    return _by_file(
        (each["file"], each["line"], each["message"])
        for each in map(json.loads, done.stdout.splitlines())
        if each["severity"] == "error"
    )


def pyright(project: Path, **config: object) -> dict[str, dict[int, str]]:
    """Return what pyright finds in the usage files: the message by file and number of line.

    Args:
        project: a folder, to which the files are copied.
        config: for ``pyrightconfig.json``.

    Raises:
        AssertionError: pyright does not work, or finds an error elsewhere than in the files.
    """
    _copy_to(project)
    (project / "pyrightconfig.json").write_text(json.dumps({"typeCheckingMode": "standard", **config}))
    done = _run(project, "-m", "pyright", "--outputjson")
    return _by_file(
        (each["file"], each["range"]["start"]["line"] + 1, each["message"])
        for each in json.loads(done.stdout)["generalDiagnostics"]
        if each["severity"] == "error"
    )


def _copy_to(project: Path) -> None:
    for file in FILES:
        shutil.copy(USAGE / file, project)


def _run(project: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    tools = ("MYPY", "PYRIGHT", "DJANGO", "VIRTUAL_ENV")
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=project,
        # The interpreter's own folder comes first, because pyright asks `python` for the packages there are.
        env={name: value for name, value in os.environ.items() if not name.startswith(tools)}
        | {"PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode in (0, 1), done.stdout + done.stderr
    return done


def _by_file(found: Iterable[tuple[str, int, str]]) -> dict[str, dict[int, str]]:
    errors: dict[str, dict[int, str]] = {file: {} for file in FILES}
    for path, line, message in found:
        assert Path(path).name in errors, f"{path}:{line}: {message}"
        errors[Path(path).name][line] = message
    return errors
