"""The store and the notifications know each other by one signal only."""

import ast
from pathlib import Path

import pytest
from acceptance.store_process import STORE


def imports(app: str) -> set[str]:
    """Every module that the app's files import, wherever in them."""
    return {name for file in (STORE / app).rglob("*.py") for name in imports_of(file)}


def imports_of(file: Path) -> set[str]:
    nodes = list(ast.walk(ast.parse(file.read_text(encoding="utf-8"))))
    plain = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    return plain | {node.module for node in nodes if isinstance(node, ast.ImportFrom) and node.module}


def test_notifications_import_the_signal_only() -> None:
    assert {name for name in imports("notifications") if name.startswith("store")} == {"store.signals"}


@pytest.mark.parametrize("app", ["notifications", "warehouse", "loyalty", "storefront", "demo"])
def test_the_store_imports_none_of_the_others(app: str) -> None:
    assert {name for name in imports("store") | imports("core") if name.split(".")[0] == app} == set()


def test_signals_come_from_heliograph() -> None:
    apps = [file.parent.name for file in STORE.glob("*/apps.py")]
    assert "store" in apps
    assert not {name for app in apps for name in imports(app) if name.startswith("django.dispatch")}
