"""PostgreSQL clusters of the tests' own: made in a temporary folder, restarted and thrown away at will."""

from __future__ import annotations

import functools
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from pathlib import Path

#: What a test's cluster can do without: nobody pulls the machine's plug.
FAST = {"fsync": "off", "full_page_writes": "off", "max_connections": "60", "shared_buffers": "64MB"}

REMEDY = "Install PostgreSQL's server, so that pg_config --bindir has initdb, or put initdb on the PATH."


@functools.cache
def binaries() -> Path | None:
    """Return the folder of the server's programs, None where there is none."""
    if found := shutil.which("initdb"):
        return Path(found).resolve().parent
    if config := shutil.which("pg_config"):
        told = subprocess.run([config, "--bindir"], capture_output=True, text=True, check=False).stdout.strip()
        if (Path(told) / "initdb").exists():
            return Path(told)
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    return debian[-1].parent if debian else None


class Cluster:
    """One cluster, listening on a free port of 127.0.0.1."""

    def __init__(self) -> None:
        self._user = "postgres" if os.geteuid() == 0 else None  # the server refuses to run as root
        self._folder = Path(tempfile.mkdtemp(prefix="heliograph-cluster-"))
        if self._user:
            account = pwd.getpwnam(self._user)
            os.chown(self._folder, account.pw_uid, account.pw_gid)
        self._data = self._folder / "data"
        self._port = _free_port()
        self.dsn = f"postgresql://postgres@127.0.0.1:{self._port}/postgres"
        self.run("initdb", "-D", str(self._data), "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-sync")
        settings = {**FAST, "port": str(self._port), "listen_addresses": "127.0.0.1"}
        settings["unix_socket_directories"] = ""
        lines = [f"{name} = '{value}'" for name, value in settings.items()]
        with (self._data / "postgresql.conf").open("a") as file:
            file.write("\n".join(["", *lines, ""]))
        self.start()

    def start(self) -> None:
        self._control("start", "-l", str(self._folder / "log"))

    def stop(self, mode: str = "immediate") -> None:
        self._control("stop", "-m", mode)

    def destroy(self) -> None:
        """Stop it and take its files away."""
        self.stop()
        shutil.rmtree(self._folder)

    def run(self, program: str, *arguments: str, given: str | None = None) -> str:
        """Run one of the server's programs and return what it printed."""
        folder = binaries()
        assert folder is not None
        # A server that is started keeps the files that it is given: no pipes.
        with tempfile.TemporaryFile("w+") as output:
            done = subprocess.run(
                [str(folder / program), *arguments],
                user=self._user,
                cwd=self._folder,
                input=given,
                stdout=output,
                stderr=subprocess.STDOUT,
                text=True,
                timeout=60,
                check=False,
            )
            output.seek(0)
            told = output.read()
        assert done.returncode == 0, f"{program} ended with {done.returncode}:\n{told[-2000:]}"
        return told

    def _control(self, *arguments: str) -> None:
        self.run("pg_ctl", "-D", str(self._data), "-w", "-s", *arguments)


def _free_port() -> int:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        return int(listening.getsockname()[1])
