"""A worker has as many connections as the guide says."""

import re
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import urlsplit
from uuid import uuid4

import psycopg
import pytest
from integration.projects import Project
from servers import POSTGRES_REMEDY, missing, postgres_dsn

DEPLOYING = (Path(__file__).resolve().parents[2] / "docs" / "deploying.md").read_text()
NUMBERS = {"one": 1, "two": 2, "three": 3, "four": 4}
DEADLINE = 30


@pytest.fixture
def session():
    """A session with a database of its own."""
    dsn = postgres_dsn()
    if dsn is None:
        missing("No PostgreSQL server answers", POSTGRES_REMEDY)
    name = f"heliograph_guide_{uuid4().hex[:12]}"
    with psycopg.connect(dsn, autocommit=True) as server:
        server.execute(f"create database {name}")
        with psycopg.connect(dsn, dbname=name, autocommit=True) as own:
            yield own
        server.execute(f"drop database {name} with (force)")


@pytest.fixture
def project(tmp_path, session):
    server = urlsplit(postgres_dsn())
    database = {"ENGINE": "django.db.backends.postgresql", "NAME": session.info.dbname, "USER": server.username}
    database |= {"HOST": server.hostname, "PORT": str(server.port or ""), "PASSWORD": server.password or ""}
    project = Project(tmp_path / "project", "shop", "heliograph")
    project.add_settings(f"DATABASES = {{'default': {database!r}}}")
    receivers = """
        from heliograph import receiver, signal

        @signal
        def opened() -> None: ...

        @receiver(opened, durable=True)
        def clerk(**named): ...
    """
    project.write("shop/receivers.py", receivers)
    done = project.manage("migrate", "--verbosity=0")
    assert done.returncode == 0, done.stderr
    return project


def test_two_for_each_thread_and_some_for_each_worker(project, session):
    told = re.search(r"(\w+) per thread \(.*?\), and (\w+) more", DEPLOYING, re.DOTALL)
    expected = NUMBERS[told[1]] * 3 + NUMBERS[told[2]]
    worker = subprocess.Popen(
        [sys.executable, "manage.py", "signals", "worker", "--threads=3"],
        cwd=project.folder,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        # Those that are counted late are there too: the worker does its rounds.
        assert eventually(lambda: at_work(session) and connections(session) == expected), connections(session)
    finally:
        worker.terminate()
        assert worker.wait(DEADLINE) == 0


def eventually(condition):
    deadline = time.monotonic() + DEADLINE
    while not (met := condition()) and time.monotonic() < deadline:
        time.sleep(0.05)
    return met


def at_work(session):
    """Whether the worker has begun, owns its partition and listens."""
    owned = session.execute("select count(*) from heliograph_partition where worker_id is not null").fetchone()[0]
    listening = "select count(*) from pg_stat_activity where datname = current_database() and query like 'listen %'"
    return owned and session.execute(listening).fetchone()[0]


def connections(session):
    counted = "select count(*) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()"
    return session.execute(counted).fetchone()[0]
