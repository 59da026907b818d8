"""Little Django projects, written to a folder and run in processes of their own."""

import json
import os
import subprocess
import sys
import textwrap
from pathlib import Path

MANAGE = """
import os, sys
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "settings")
from django.core.management import execute_from_command_line
execute_from_command_line(sys.argv)
"""

SETTINGS = """
SECRET_KEY = "only for tests"
USE_TZ = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
DATABASES = {{"default": {{"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}}}}
INSTALLED_APPS = {apps!r}
"""


class Project:
    """A project in a folder of its own."""

    def __init__(self, folder: Path, *apps: str) -> None:
        self.folder = folder
        self.settings = SETTINGS.format(apps=["django.contrib.contenttypes", *apps])
        self.write("manage.py", MANAGE)
        self.write("settings.py", self.settings)
        for app in apps:
            if "." not in app and app != "heliograph":
                self.write(f"{app}/__init__.py", "")

    def write(self, path: str, source: str | bytes) -> Path:
        """Write a file, with its folders."""
        file = self.folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(source, bytes):
            file.write_bytes(source)
        else:
            file.write_text(textwrap.dedent(source), encoding="utf-8")
        return file

    def add_settings(self, source: str) -> None:
        """Add lines to the settings."""
        self.settings += textwrap.dedent(source)
        self.write("settings.py", self.settings)

    def manage(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run `manage.py` with arguments."""
        return self._python("manage.py", *arguments)

    def run(self, program: str) -> subprocess.CompletedProcess[str]:
        """Run a program in the project, set up."""
        return self._python("-c", "import django; django.setup()\n" + textwrap.dedent(program))

    def json(self, expression: str, preparation: str = "") -> object:
        """The value of an expression in the project, set up."""
        done = self.run(f"{textwrap.dedent(preparation)}\nimport json, sys; print(json.dumps({expression}))")
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout.splitlines()[-1])

    def _python(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "settings", "PYTHONDONTWRITEBYTECODE": "1"}
        environment["PYTHONPATH"] = os.pathsep.join([str(self.folder), environment.get("PYTHONPATH", "")])
        command = [sys.executable, "-W", "error", *arguments]
        return subprocess.run(
            command, cwd=self.folder, env=environment, capture_output=True, text=True, timeout=60, check=False
        )
