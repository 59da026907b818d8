"""Processes forked from one that has loaded the project: they start in no time, as torture needs many."""

import os
import signal
import sys
import time
import traceback

from django.db import connections

from heliograph.delivery.worker.process import run


class Fork:
    """A forked process."""

    def __init__(self, work):
        connections.close_all()
        sys.stdout.flush()
        self.status = None
        self.pid = os.fork()
        if self.pid == 0:
            code = 1
            try:
                work()
                code = 0
            except SystemExit as ended:
                code = int(ended.code or 0)
            except BaseException:  # noqa: BLE001 - the border of the process
                traceback.print_exc()
            finally:
                sys.stdout.flush()
                os._exit(code)

    def ends_within(self, seconds):
        """Wait for the end for so long, and tell whether it has come."""
        deadline = time.monotonic() + seconds
        while self.status is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.status = os.waitstatus_to_exitcode(status)
            elif time.monotonic() > deadline:
                return False
            else:
                time.sleep(0.005)
        return True

    def kill(self, number=signal.SIGKILL):
        """Send a signal, and wait for the end."""
        if self.status is None:
            os.kill(self.pid, number)
            if not self.ends_within(30):
                raise TimeoutError(f"process {self.pid} has not ended after signal {number}")


def worker(**given):
    """Fork a worker."""
    return Fork(lambda: run(**{"threads": 1, "only": (), "drain": False, **given}))
