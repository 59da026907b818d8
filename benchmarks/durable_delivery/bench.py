"""One contender with its databases and its processes."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from durable_delivery.contenders import Contender
from durable_delivery.staging import Stage
from durable_delivery.stores.store import Store

_ROOT = Path(__file__).resolve().parents[1]

#: Seconds that a process has to end after SIGTERM, before it is killed.
_GRACE = 20
#: Seconds that anything may take; longer means that it hangs.
DEADLINE = 900


#: The workers of a round.
Processes = list[subprocess.Popen[bytes]]


class ProcessError(Exception):
    """A process of a contender has failed, or does not come to its end."""


class Bench:
    """Makes the database of a contender once, with its backlog, and a copy of it for each round.

    Args:
        contender: who is measured.
        name: of its database, unlike those of the others.
        store: where the databases are.
        folder: for logs and reports.
        backlog: how many events wait in the database.
        events: how many events a round has.
    """

    def __init__(
        self, contender: Contender, name: str, store: Store, folder: Path, *, backlog: int, events: int
    ) -> None:
        self.contender = contender
        self.store = store
        self.events = events
        self._folder = folder
        self._backlog = backlog
        self._name = name
        self._rounds = 0

    @property
    def effects(self) -> int:
        """How many effects a round leaves."""
        return self.events * self.contender.audience

    def build(self) -> None:
        """Make the database that is copied."""
        self.store.create(self._name)
        self.run(self._name, "prepare")
        if self._backlog and not self.contender.in_broker:
            self.run(self._name, "preload", self._backlog)
        self.store.settle(self._name)

    def drop(self) -> None:
        """Take the database away."""
        self.store.drop(self._name)

    @contextlib.contextmanager
    def copy(self) -> Iterator[str]:
        """Give the name of a database with the backlog in it, for one round."""
        self._rounds += 1
        name = f"{self._name}_{self._rounds}"
        self.store.create(name, like=self._name)
        try:
            if self._backlog and self.contender.in_broker:
                self.run(name, "preload", self._backlog)
            self.store.rest()  # the copy is still on its way to the disk
            yield name
        finally:
            if self.contender.in_broker:
                self.run(name, "clean")
            self.report(name).unlink(missing_ok=True)
            self.store.drop(name)

    def report(self, name: str) -> Path:
        """Return the file in which a process without effects tells its figures."""
        return self._folder / f"{name}.json"

    def run(self, name: str, action: str, count: int = 0) -> str:
        """Let a process do one thing, and return what it prints."""
        process = self._start(name, action, count)
        try:
            printed, _ = process.communicate(timeout=DEADLINE)
        finally:
            end(process)
        if process.returncode:
            raise ProcessError(f"{self.contender.label}, {action}: {self._logged(name)}")
        return printed.decode()

    @contextlib.contextmanager
    def workers(self, name: str) -> Iterator[Processes]:
        """Hold the contender's worker processes; they are stopped at the end."""
        processes: Processes = []
        try:
            processes += [self._start(name, "work", 0) for _ in range(self.contender.workers)]
            yield processes
        finally:
            for process in processes:
                if process.poll() is None:
                    process.send_signal(signal.SIGTERM)
            for process in processes:
                end(process)

    def wait(self, name: str, processes: Processes, is_done: Callable[[], bool]) -> None:
        """Wait for something that workers do.

        Raises:
            ProcessError: a worker has failed, or it takes too long.
        """
        until = time.monotonic() + DEADLINE
        while not is_done():
            failed = [process for process in processes if process.poll()]
            if failed or time.monotonic() > until:
                raise ProcessError(f"{self.contender.label}, work: {self._logged(name)}")
            time.sleep(0.1)

    def _start(self, name: str, action: str, count: int) -> subprocess.Popen[bytes]:
        contender = self.contender
        stage = Stage(
            player=contender.player,
            database=self.store.settings(name),
            apps=list(contender.apps),
            settings=dict(contender.settings),
            options=dict(contender.options),
            effect=contender.effect,
            events=self.events,
            report=str(self.report(name)),
        )
        with self._log(name).open("a") as log:
            return subprocess.Popen(
                [sys.executable, "-m", "durable_delivery.act", action, str(count)],
                env={**stage.environment(), "PYTHONPATH": os.pathsep.join([str(_ROOT), *sys.path])},
                cwd=self._folder,
                stdin=subprocess.DEVNULL,
                stdout=log if action == "work" else subprocess.PIPE,
                stderr=log,
            )

    def _log(self, name: str) -> Path:
        return self._folder / f"{name}.log"

    def _logged(self, name: str) -> str:
        return self._log(name).read_text()[-3000:] or "it does not come to its end"


def end(process: subprocess.Popen[bytes]) -> None:
    """Wait for a process that was told to stop, not for ever."""
    try:
        process.wait(timeout=_GRACE)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
