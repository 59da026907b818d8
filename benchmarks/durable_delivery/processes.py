"""What a process has used, as Linux tells it."""

import os
from pathlib import Path

_MIB = 1024


def cpu_seconds(pid: int) -> float:
    """Return the seconds that a process has computed, in its own code and in the system's for it."""
    after_name = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    user, system = after_name[11:13]
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


def peak_memory_mib(pid: int) -> float:
    """Return the most memory that a process has had resident, in MiB."""
    (line,) = [each for each in Path(f"/proc/{pid}/status").read_text().splitlines() if each.startswith("VmHWM")]
    return int(line.split()[1]) / _MIB
