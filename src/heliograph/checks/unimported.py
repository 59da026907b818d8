"""Receivers in modules that nobody imports."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.checks import CheckMessage
from django.core.checks import Warning as CheckWarning

from heliograph.checks.first_party import is_first_party

_SKIPPED_FOLDERS = {"tests", "test", "migrations", "__pycache__", "node_modules", "site-packages", "dist-packages"}
_NAMES_DISPATCHER = re.compile(r"\b(heliograph|django\.dispatch|django\s+import\b.*\bdispatch)\b")


def receivers_are_imported(**_: Any) -> list[CheckMessage]:
    """Find modules of the project that have receivers and have not been imported; none is imported for that."""
    imported = _imported_files()
    return [
        CheckWarning(
            f"{module} has a receiver (line {line}), and nobody has imported it: the receiver hears nothing.",
            hint="Move it to the app's signals, signals/handlers or receivers module, or import it in ready().",
            obj=str(path),
            id="heliograph.W001",
        )
        for module, path in sorted(set(_modules()))
        if module not in sys.modules and path not in imported and (line := _first_receiver(path)) is not None
    ]


def _imported_files() -> set[Path]:
    """Return the files of all modules: one may have been imported under another name than the one it is found by."""
    files = [getattr(module, "__file__", None) for module in list(sys.modules.values())]
    return {Path(file) for file in files if isinstance(file, str)}


def _modules() -> Iterator[tuple[str, Path]]:
    """Yield name and path of each module of the project: of its own apps and of the package of its settings."""
    packages = {app.name: Path(app.path) for app in apps.get_app_configs()}
    root = (settings.SETTINGS_MODULE or "").partition(".")[0]
    if (file := getattr(sys.modules.get(root), "__file__", None)) and Path(file).name == "__init__.py":
        packages[root] = Path(file).parent
    for package, folder in packages.items():
        if is_first_party(folder):
            for path in folder.rglob("*.py"):
                parts = path.relative_to(folder).with_suffix("").parts
                if _is_module(parts) and not _is_test(path):
                    yield ".".join((package, *(part for part in parts if part != "__init__"))), path


def _is_module(parts: tuple[str, ...]) -> bool:
    """Tell whether a file's path is one to import receivers by: editors' lock files, scripts and commands are not."""
    return (
        all(map(str.isidentifier, parts))
        and not _SKIPPED_FOLDERS.intersection(parts)
        and ("management", "commands") not in pairwise(parts)
    )


def _is_test(path: Path) -> bool:
    return path.stem in ("tests", "conftest") or path.stem.startswith("test_") or path.stem.endswith("_test")


def _first_receiver(path: Path) -> int | None:
    try:
        source = path.read_text(encoding="utf-8", errors="replace")
        if "receiver" not in source or not _NAMES_DISPATCHER.search(source):
            return None
        tree = ast.parse(source)
    except (OSError, SyntaxError, ValueError):
        return None  # Not there, not readable, or not Python: nobody can import it.
    lines = [function.lineno for function in _functions(tree) if any(map(_is_receiver, function.decorator_list))]
    return min(lines, default=None)


def _functions(node: ast.AST) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Yield the functions that an import defines: those of the module and of its classes, not those inside others."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef):
            yield child
        else:
            yield from _functions(child)


def _is_receiver(decorator: ast.expr) -> bool:
    function = decorator.func if isinstance(decorator, ast.Call) else decorator
    return getattr(function, "id", None) == "receiver" or getattr(function, "attr", None) == "receiver"
