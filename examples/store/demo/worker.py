"""`manage.py signals worker` as a process of its own, whose log is seen on the demo's terminal."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread

from django.conf import settings

from demo.interrupts import kept_waiting
from demo.progress import told_by
from demo.terminal import Terminal

STOP_SECONDS = 10


class Worker:
    """A worker that is running."""

    def __init__(self, process: subprocess.Popen[str], terminal: Terminal) -> None:
        self.process = process
        self.pid = process.pid
        self._listener = Thread(target=self._listen, args=(terminal,), name=f"log of worker {self.pid}", daemon=True)
        self._listener.start()

    def _listen(self, terminal: Terminal) -> None:
        for line in self.process.stdout:
            terminal.log(line.rstrip())

    def is_running(self) -> bool:
        """Whether it has begun to work."""
        return any(each["pid"] == self.pid and each["state"] == "running" for each in told_by("status")["workers"])

    def kill(self) -> None:
        """End it as a power cut would: it cannot finish anything, nor say goodbye."""
        os.kill(self.pid, signal.SIGKILL)
        self._wait()

    def stop(self) -> None:
        """Let it finish what it has in hand."""
        self.process.terminate()
        try:
            self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
        self._wait()

    def _wait(self) -> None:
        self.process.wait()
        self._listener.join()
        self.process.stdout.close()


@contextmanager
def running_worker(terminal: Terminal, mail_server: str) -> Iterator[Worker]:
    """Run a worker until the block ends, if it lives so long."""
    worker = None
    try:
        with kept_waiting():
            worker = Worker(_start(mail_server), terminal)
        yield worker
    finally:
        if worker is not None:
            worker.stop()


def _start(mail_server: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "manage.py", "signals", "worker", "--threads", "3"],
        cwd=settings.BASE_DIR,
        env=os.environ | {"STORE_MAIL_SERVER": mail_server},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        # Ctrl-C goes to the demo alone, which then stops its workers.
        process_group=0,
    )
