"""Django's source tree, of exactly the version that is installed: its tests are not part of the installed package."""

import os
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

import django

SOURCE_VARIABLE = "HELIOGRAPH_DJANGO_SOURCE"
CACHE = Path(__file__).resolve().parents[2] / ".django-suite"


class SourceError(Exception):
    """Django's source tree could not be had."""


def django_source() -> Path:
    """Give the unpacked source tree of the installed Django.

    Returns:
        The directory that holds `django/` and `tests/`: the one that HELIOGRAPH_DJANGO_SOURCE names, else one under
        `.django-suite/`, fetched and unpacked at the first call.

    Raises:
        SourceError: it cannot be fetched, is of another version, or has no tests.

    Guarantees:
        Two runs at once do no harm: each unpacks beside the cache and moves the tree in whole.
    """
    named = os.environ.get(SOURCE_VARIABLE)
    if named:
        return _checked(Path(named).resolve())
    tree = CACHE / f"django-{django.__version__}"
    if not tree.is_dir():
        _fetch(tree)
    return _checked(tree)


def _fetch(tree: Path) -> None:
    CACHE.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=CACHE) as scratch:
        unpacked = _unpack(_archive(), Path(scratch))
        try:
            unpacked.rename(tree)
        except OSError:
            if not tree.is_dir():  # not another run that was first
                raise


def _archive() -> Path:
    present = _cached_archives()
    if not present:
        requirement = f"Django=={django.__version__}"
        pip = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check"]
        pip += ["--no-deps", "--no-binary", "Django", "--dest", str(CACHE), requirement]
        done = subprocess.run(pip, capture_output=True, text=True)
        present = _cached_archives()
        if done.returncode or not present:
            raise SourceError(
                f"pip could not download the source archive of {requirement} (the network may be missing; "
                f"{SOURCE_VARIABLE} may name an unpacked source tree instead):\n{done.stdout}{done.stderr}"
            )
    return present[0]


def _cached_archives() -> list[Path]:
    wanted = f"django-{django.__version__}.tar.gz"  # older archives have a capital D
    return [path for path in CACHE.iterdir() if path.name.lower() == wanted]


def _unpack(archive: Path, into: Path) -> Path:
    with tarfile.open(archive) as tar:
        if hasattr(tarfile, "data_filter"):
            tar.extractall(into, filter="data")
        else:
            tar.extractall(into)
    (tree,) = into.iterdir()
    return tree


def _checked(tree: Path) -> Path:
    if not (tree / "tests" / "runtests.py").is_file():
        raise SourceError(f"{tree} has no tests/runtests.py: it is not a source tree of Django.")
    found, installed = _version_line(tree / "django"), _version_line(Path(django.__file__).parent)
    if found != installed:
        raise SourceError(f"{tree} has {found}, but Django {django.__version__} is installed: use the same version.")
    return tree


def _version_line(package: Path) -> str:
    lines = (package / "__init__.py").read_text().splitlines()
    return next((line for line in lines if line.startswith("VERSION =")), "no VERSION")
