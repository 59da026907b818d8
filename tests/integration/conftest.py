"""What the integration tests share."""

from collections.abc import Callable
from pathlib import Path

import pytest
from integration.projects import Project


@pytest.fixture
def new_project(tmp_path: Path) -> Callable[..., Project]:
    """Makes a project with the apps that are named, heliograph among them at its place."""

    def make(*apps: str) -> Project:
        return Project(tmp_path / "project", *apps)

    return make
