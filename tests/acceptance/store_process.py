"""The example store in processes of its own, as its users run it."""

import os
import re
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Condition, Thread

ROOT = Path(__file__).resolve().parents[2]
STORE = ROOT / "examples" / "store"
SITE = Path(__file__).parent / "site"
START_SECONDS = 60
STEP_SECONDS = 20


def environment(database: str, settings: str = "quick_settings") -> dict[str, str]:
    """The environment of a store on `database`; nothing of pytest's own settings."""
    path = os.pathsep.join(filter(None, [str(SITE), os.environ.get("PYTHONPATH")]))
    return os.environ | {
        "DJANGO_SETTINGS_MODULE": settings,
        "STORE_DATABASE": database,
        "PYTHONPATH": path,
        "PYTHONWARNINGS": "error",
    }


def manage(database: str, *arguments: str, **more_environment: str) -> subprocess.CompletedProcess[str]:
    """Run one command of `manage.py` to its end."""
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=STORE,
        env=environment(database) | more_environment,
        capture_output=True,
        text=True,
        timeout=START_SECONDS,
        check=False,
    )


class RunningStore:
    """A `manage.py demo` that is running, with what it has printed so far.

    Args:
        short: leave out the accidents that the demo shows.
        settings: with the quick ones, mail goes to files, see `mails`.
    """

    def __init__(self, database: str, *, port: int = 0, short: bool = True, settings: str = "quick_settings") -> None:
        self.database = database
        self.lines: list[str] = []
        self._news = Condition()
        self._mail = tempfile.TemporaryDirectory(prefix="store-mail-")
        self.process = subprocess.Popen(
            [sys.executable, "manage.py", "demo", "--port", str(port), *(["--short"] if short else [])],
            cwd=STORE,
            env=environment(database, settings) | {"STORE_MAIL_FOLDER": self._mail.name},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self._reader = Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        for line in self.process.stdout:
            with self._news:
                self.lines.append(line)
                self._news.notify_all()
        with self._news:
            self._news.notify_all()

    @property
    def output(self) -> str:
        return "".join(self.lines)

    def mails(self, subject: str) -> list[str]:
        """The mails with this subject that have been sent, each as its text."""
        texts = [file.read_text(encoding="utf-8") for file in Path(self._mail.name).iterdir()]
        return [text for text in texts if f"Subject: {subject}\n" in text]

    def wait_for(self, pattern: str, seconds: float = STEP_SECONDS) -> re.Match[str]:
        """Wait until `pattern` has been printed, and return the match."""
        with self._news:
            found = self._news.wait_for(lambda: self._found_or_ended(pattern), seconds)
        match = re.search(pattern, self.output)
        assert match, f"{pattern!r} was not printed{'' if found else f' in {seconds} s'}:\n{self.output}"
        return match

    def _found_or_ended(self, pattern: str) -> bool:
        return bool(re.search(pattern, self.output)) or not self._reader.is_alive()

    def wait_until_open(self) -> None:
        self.address = self.wait_for(r"The store is open at (http://[^/]+)/", START_SECONDS)[1]
        self.admin_password = self.wait_for(r"user: admin, password: (\S+)\)")[1]

    def stop(self, number: int = signal.SIGINT) -> int:
        """Send the signal, wait for the end and return the exit code."""
        self.process.send_signal(number)
        code = self.process.wait(STEP_SECONDS)
        self._reader.join(STEP_SECONDS)
        return code

    def end(self) -> None:
        try:
            if self.process.poll() is None:
                # Not killed: it has workers to stop.
                self.stop(signal.SIGTERM)
        finally:
            if self.process.poll() is None:
                self.process.kill()
                self.process.wait()
            self._reader.join(STEP_SECONDS)
            self.process.stdout.close()
            self._mail.cleanup()


@contextmanager
def running_store(database: str, **options: object) -> Iterator[RunningStore]:
    """Run the store until it is open, and end it with the block."""
    store = RunningStore(database, **options)
    try:
        store.wait_until_open()
        yield store
    finally:
        store.end()
