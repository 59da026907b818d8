"""What the tests of the guides share: a project on PostgreSQL, and its worker."""

import contextlib
import subprocess
import sys
import time
from urllib.parse import urlsplit
from uuid import uuid4

import psycopg
import pytest
from integration.projects import Project
from servers import POSTGRES_REMEDY, missing, postgres_dsn

DEADLINE = 20

SETTINGS = """
import os

DATABASES = {{"default": {database!r}}}
if "POOLER" in os.environ:
    DATABASES["default"] |= {{"HOST": "127.0.0.1", "PORT": os.environ["POOLER"]}}
HELIOGRAPH = {{"POLL_SECONDS": 60}}
"""

MODELS = """
from django.db import models

class Note(models.Model):
    text = models.CharField(max_length=20)
"""

RECEIVERS = """
from heliograph import receiver, signal
from shop.models import Note

@signal
def opened(*, text: str) -> None: ...

@receiver(opened, durable=True)
def clerk(text, **named):
    Note.objects.create(text=text)
"""


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
    """A project with a durable receiver, in that database. Its worker looks by itself once a minute."""
    server = urlsplit(postgres_dsn())
    database = {"ENGINE": "django.db.backends.postgresql", "NAME": session.info.dbname, "USER": server.username}
    database |= {"HOST": server.hostname, "PORT": str(server.port or ""), "PASSWORD": server.password or ""}
    project = Project(tmp_path / "project", "shop", "heliograph")
    project.add_settings(SETTINGS.format(database=database))
    project.write("shop/models.py", MODELS)
    project.write("shop/receivers.py", RECEIVERS)
    done = project.manage("migrate", "--run-syncdb", "--verbosity=0")
    assert done.returncode == 0, done.stderr
    return project


@contextlib.contextmanager
def working(project, session, *arguments):
    """Have a worker that owns its partition and listens; it has to end well."""
    worker = subprocess.Popen(
        [sys.executable, "manage.py", "signals", "worker", *arguments],
        cwd=project.folder,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        assert eventually(lambda: is_at_work(session))
        yield
    finally:
        worker.terminate()
        assert worker.wait(DEADLINE) == 0


def eventually(condition):
    deadline = time.monotonic() + DEADLINE
    while not (met := condition()) and time.monotonic() < deadline:
        time.sleep(0.05)
    return met


def is_at_work(session):
    owned = "select count(*) from heliograph_partition where worker_id is not null"
    listening = "select count(*) from pg_stat_activity where datname = current_database() and query like 'listen %'"
    return all(session.execute(each).fetchone()[0] for each in (owned, listening))
