"""The machine that this process runs on, as workers on others see it."""

from __future__ import annotations

import functools
import os
import socket
from contextlib import suppress


@functools.cache
def host() -> str:
    """Return what tells this machine, and the space in which its process ids count, from others."""
    parts = [socket.gethostname()]
    with suppress(OSError):
        with open("/proc/sys/kernel/random/boot_id", encoding="ascii") as file:
            parts.append(file.read(8))
        parts.append(os.readlink("/proc/self/ns/pid"))
    return " ".join(parts)[:255]


def is_running(pid: int) -> bool:
    """Tell whether this machine has a process of that id."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
