"""mypy and pyright accept what is right in the usage files, and refuse what is wrong, on the line where it is."""

import sysconfig
from pathlib import Path

import pytest
from usage_files import FILES, marked_lines, mypy, pyright

import heliograph

PLUGIN = """
[mypy]
plugins = mypy_django_plugin.main

[mypy.plugins.django-stubs]
django_settings_module = usage_settings
"""
SETTINGS = """
SECRET_KEY = "only for types"
INSTALLED_APPS = ["django.contrib.auth", "django.contrib.contenttypes", "heliograph"]
"""


@pytest.fixture(scope="module")
def mypy_with_stubs(tmp_path_factory):
    """What mypy finds where django-stubs are installed."""
    project = tmp_path_factory.mktemp("project")
    (project / "mypy.ini").write_text("[mypy]\n")
    return mypy(project)


@pytest.fixture(scope="module")
def mypy_with_plugin(tmp_path_factory):
    """What mypy finds in a project that uses the plugin of django-stubs."""
    project = tmp_path_factory.mktemp("project")
    (project / "mypy.ini").write_text(PLUGIN)
    (project / "usage_settings.py").write_text(SETTINGS)
    return mypy(project)


@pytest.fixture(scope="module")
def mypy_without_stubs(tmp_path_factory):
    """What mypy finds where Django has no types at all."""
    project = tmp_path_factory.mktemp("project")
    packages = project / "packages"
    packages.mkdir()
    (packages / "heliograph").symlink_to(Path(heliograph.__file__).parent)
    (packages / "asgiref").symlink_to(Path(sysconfig.get_path("purelib"), "asgiref"))
    (project / "mypy.ini").write_text(f"[mypy]\nmypy_path = {packages}\n")
    return mypy(
        project,
        "--no-site-packages",
        "--ignore-missing-imports",
        "--follow-imports=silent",
        "--allow-subclassing-any",
        "--allow-untyped-decorators",
    )


@pytest.fixture(scope="module")
def pyright_with_stubs(tmp_path_factory):
    """What pyright finds where django-stubs are installed."""
    return pyright(tmp_path_factory.mktemp("project"))


@pytest.fixture(scope="module")
def pyright_without_stubs(tmp_path_factory):
    """What pyright finds where it has to read Django itself."""
    project = tmp_path_factory.mktemp("project")
    packages = project / "environment" / "lib" / "python3.11" / "site-packages"
    packages.mkdir(parents=True)
    (packages / "heliograph").symlink_to(Path(heliograph.__file__).parent)
    for package in ("django", "asgiref"):
        (packages / package).symlink_to(Path(sysconfig.get_path("purelib"), package))
    return pyright(project, venvPath=".", venv="environment", include=FILES)


#: Files whose subject are the stubs.
ABOUT_STUBS = ["where_django_wants_its_own.py"]


@pytest.mark.parametrize("file", FILES)
@pytest.mark.parametrize("checker", ["mypy_with_stubs", "mypy_with_plugin", "pyright_with_stubs"])
def test_with_stubs_the_errors_are_on_the_lines_that_are_marked(checker, file, request):
    found = request.getfixturevalue(checker)[file]
    assert sorted(found) == marked_lines(file), found


@pytest.mark.parametrize("file", [file for file in FILES if file not in ABOUT_STUBS])
@pytest.mark.parametrize("checker", ["mypy_without_stubs", "pyright_without_stubs"])
def test_without_stubs_too(checker, file, request):
    found = request.getfixturevalue(checker)[file]
    assert sorted(found) == marked_lines(file), found


def test_every_usage_file_shows_right_and_wrong_uses():
    assert FILES
    assert all(marked_lines(file) for file in FILES)
