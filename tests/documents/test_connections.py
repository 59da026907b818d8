"""The connections of workers and web processes are as the guide says."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from documents.conftest import DEADLINE, eventually, working
from psycopg.conninfo import make_conninfo
from servers import postgres_dsn

HERE = Path(__file__).parent
DEPLOYING = (HERE.parents[1] / "docs" / "deploying.md").read_text()
NUMBERS = {"one": 1, "two": 2, "three": 3, "four": 4}

SEND = """
from django.db import transaction
from shop.receivers import opened

with transaction.atomic():
    opened.send(None, text="through the pooler")
"""


@pytest.fixture
def pooler(session):
    """The port of a pooler in transaction mode, in front of the session's database."""
    dsn = make_conninfo(postgres_dsn(), dbname=session.info.dbname)
    process = subprocess.Popen([sys.executable, HERE / "pooler.py", dsn, "3"], stdout=subprocess.PIPE, text=True)
    try:
        yield process.stdout.readline().strip()
    finally:
        process.terminate()
        process.wait(DEADLINE)
        process.stdout.close()


def test_two_for_each_thread_and_some_for_each_worker(project, session):
    told = re.search(r"(\w+) per thread \(.*?\), and (\w+) more", DEPLOYING, re.DOTALL)
    expected = NUMBERS[told[1]] * 3 + NUMBERS[told[2]]
    with working(project, session, "--threads=3"):
        assert eventually(lambda: connections(session) == expected), connections(session)


def connections(session):
    counted = "select count(*) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()"
    return session.execute(counted).fetchone()[0]


def test_what_is_sent_through_a_pooler_wakes_a_worker_past_it(project, session, pooler, monkeypatch):
    with working(project, session):
        monkeypatch.setitem(os.environ, "POOLER", pooler)
        done = project.run(SEND)
        assert done.returncode == 0, done.stderr
        assert eventually(lambda: session.execute("select text from shop_note").fetchall())
    assert session.execute("select text from shop_note").fetchall() == [("through the pooler",)]
