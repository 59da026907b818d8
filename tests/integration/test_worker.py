"""`manage.py signals worker`: a process that runs durable receivers, ends in order, and waits for its database."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from urllib.parse import urlsplit
from uuid import uuid4

import psycopg
import pytest
from servers import POSTGRES_REMEDY, missing, postgres_dsn

DEADLINE = 30

SETTINGS = """
LOGGING = {{"version": 1, "handlers": {{"file": {{"class": "logging.FileHandler", "filename": "worker.log"}}}},
           "loggers": {{"heliograph": {{"handlers": ["file"], "level": "INFO"}}}}}}
HELIOGRAPH = {{"OUTSIDE_TRANSACTION": "allow", "LEASE_SECONDS": 2, "WORKER": "process"}}
ROOT_URLCONF = "shop.urls"
ALLOWED_HOSTS = ["*"]
DATABASES = {{"default": {database!r}}}
"""

MODELS = """
    from django.db import models

    class Note(models.Model):
        text = models.CharField(max_length=50)
"""

RECEIVERS = """
    import pathlib, time
    from heliograph import Signal, receiver
    from shop.models import Note

    opened = Signal()
    closed = Signal()

    @receiver(opened, durable=True)
    def clerk(text, **named):
        Note.objects.create(text=text)
        if text == "slow":
            pathlib.Path("begun").touch()
            while not pathlib.Path("go on").exists():
                time.sleep(0.01)

    @receiver(closed, durable=True)
    def porter(text, **named):
        Note.objects.create(text=text)
"""

URLS = """
    from django.http import HttpResponse
    from django.urls import path
    from shop.receivers import opened

    class Visitor: ...

    def home(request):
        opened.send(None, text="from a request")
        return HttpResponse("done")

    urlpatterns = [path("", home)]
"""


@pytest.fixture(params=["sqlite", "postgresql"])
def project(new_project, request):
    """A project with two durable receivers, and its database migrated."""
    project = new_project("shop", "heliograph")
    name = f"heliograph_worker_{uuid4().hex[:12]}"
    if request.param == "postgresql":
        dsn = postgres_dsn()
        if dsn is None:
            missing("No PostgreSQL server answers", POSTGRES_REMEDY)
        server = urlsplit(dsn)
        database = {
            "ENGINE": "django.db.backends.postgresql",
            "HOST": server.hostname,
            "PORT": str(server.port or ""),
            "USER": server.username,
            "PASSWORD": server.password or "",
            "NAME": name,
        }
        with psycopg.connect(dsn, autocommit=True) as session:
            session.execute(f"create database {name}")
    else:
        options = {"transaction_mode": "IMMEDIATE", "init_command": "PRAGMA journal_mode=WAL"}
        database = {"ENGINE": "django.db.backends.sqlite3", "NAME": "db.sqlite3", "OPTIONS": options}
    project.add_settings(SETTINGS.format(database=database))
    project.write("shop/models.py", MODELS)
    project.write("shop/receivers.py", RECEIVERS)
    project.write("shop/urls.py", URLS)
    done = project.manage("migrate", "--run-syncdb", "--verbosity=0")
    assert done.returncode == 0, done.stderr
    yield project
    if request.param == "postgresql":
        with psycopg.connect(dsn, autocommit=True) as session:
            session.execute(f"drop database {name} with (force)")


class Running:
    """A process of a project."""

    def __init__(self, project, *arguments):
        environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "settings", "PYTHONUNBUFFERED": "1"}
        self._file = project.folder / "output"
        self._output = self._file.open("w", encoding="utf-8")
        self.process = subprocess.Popen(
            [sys.executable, "manage.py", *arguments],
            cwd=project.folder,
            env=environment,
            stdout=self._output,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait(DEADLINE)
        self._output.close()

    def signal(self, number):
        self.process.send_signal(number)

    def ends(self):
        return self.process.wait(DEADLINE)

    @property
    def output(self):
        return self._file.read_text(encoding="utf-8")


def eventually(condition):
    deadline = time.monotonic() + DEADLINE
    while not (answer := condition()):
        assert time.monotonic() < deadline, "it never came to be so"
        time.sleep(0.02)
    return answer


def send(project, *texts, signal="opened"):
    sending = "\n".join(f"{signal}.send(None, text={text!r})" for text in texts)
    done = project.run(f"from shop.receivers import {signal}\n{sending}")
    assert done.returncode == 0, done.stderr


def notes(project):
    return project.json(
        "list(Note.objects.order_by('pk').values_list('text', flat=True))", "from shop.models import Note"
    )


def rows(project, model, *fields):
    return project.json(
        f"list({model}.objects.order_by('pk').values_list(*{fields!r}))", "from heliograph.models import *"
    )


def log(project):
    file = project.folder / "worker.log"
    return file.read_text(encoding="utf-8") if file.exists() else ""


def test_it_drains_what_is_owed_and_ends(project):
    send(project, *"abc")
    done = project.manage("signals", "worker", "--drain")
    assert (done.returncode, done.stdout) == (0, "")
    assert notes(project) == ["a", "b", "c"]
    assert rows(project, "Worker", "pk") == []
    assert {worker for (worker,) in rows(project, "Partition", "worker")} == {None}


def test_a_sender_that_only_web_processes_have_loaded_is_found(project):
    done = project.run("from shop.urls import Visitor, opened; opened.send(Visitor, text='from a view')")
    assert done.returncode == 0, done.stderr
    project.manage("signals", "worker", "--drain")
    assert notes(project) == ["from a view"]


def test_it_can_be_kept_to_some_receivers(project):
    send(project, "heard")
    send(project, "left", signal="closed")
    done = project.manage("signals", "worker", "--drain", "--only", "shop.receivers.clerk")
    assert done.returncode == 0
    assert notes(project) == ["heard"]


def test_a_receiver_that_is_not_there_is_named_with_the_nearest(project):
    done = project.manage("signals", "worker", "--only", "shop.receivers.clark")
    assert done.returncode == 2
    assert "no durable receiver 'shop.receivers.clark'. Did you mean 'shop.receivers.clerk'?" in done.stderr


@pytest.mark.parametrize("threads", ["0", "-1", "many"])
def test_a_number_of_threads_that_is_none_is_refused(project, threads):
    done = project.manage("signals", "worker", f"--threads={threads}")
    assert done.returncode == 2
    assert "is no number of threads" in done.stderr


def test_a_first_signal_lets_the_event_in_hand_be_finished_and_hands_the_rest_back(project):
    send(project, "slow", "after")
    with Running(project, "signals", "worker") as worker:
        eventually((project.folder / "begun").exists)
        worker.signal(signal.SIGTERM)
        eventually(lambda: "a second signal stops at once" in log(project))
        assert worker.process.poll() is None
        (project.folder / "go on").touch()
        assert worker.ends() == 0, worker.output
    assert notes(project) == ["slow"]
    assert rows(project, "Worker", "pk") == []
    assert {worker for (worker,) in rows(project, "Partition", "worker")} == {None}
    assert project.manage("signals", "worker", "--drain").returncode == 0
    assert notes(project) == ["slow", "after"]


def test_a_second_signal_stops_it_hard_and_the_event_comes_again(project):
    send(project, "slow", "after")
    with Running(project, "signals", "worker") as worker:
        eventually((project.folder / "begun").exists)
        worker.signal(signal.SIGTERM)
        eventually(lambda: "a second signal stops at once" in log(project))
        worker.signal(signal.SIGTERM)
        assert worker.ends() == 128 + signal.SIGTERM
    assert notes(project) == []
    (project.folder / "go on").touch()
    assert project.manage("signals", "worker", "--drain").returncode == 0
    assert notes(project) == ["slow", "after"]


@pytest.mark.parametrize("project", ["postgresql"], indirect=True)  # SQLite has one writer at a time
def test_several_threads_run_several_receivers_at_once(project):
    send(project, "slow")
    send(project, "beside it", signal="closed")
    with Running(project, "signals", "worker", "--threads", "2") as worker:
        eventually((project.folder / "begun").exists)
        eventually(lambda: notes(project) == ["beside it"])
        (project.folder / "go on").touch()
        eventually(lambda: len(notes(project)) == 2)
        worker.signal(signal.SIGINT)
        assert worker.ends() == 0, worker.output


def test_it_hears_of_events_that_come_while_it_runs(project):
    with Running(project, "signals", "worker") as worker:
        eventually(lambda: "working for 'default'" in log(project))
        for text in "abc":
            send(project, text)
            eventually(lambda text=text: text in notes(project))
        worker.signal(signal.SIGTERM)
        assert worker.ends() == 0, worker.output


def test_without_tables_it_says_what_to_do(new_project):
    project = new_project("heliograph")
    done = project.manage("signals", "worker", "--drain")
    assert done.returncode == 2
    assert "manage.py migrate" in done.stderr


def test_a_server_that_is_down_is_waited_for(new_project):
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
    project = new_project("shop", "heliograph")
    database = {"ENGINE": "django.db.backends.postgresql", "HOST": "127.0.0.1", "PORT": str(port), "USER": "nobody"}
    project.add_settings(SETTINGS.format(database={**database, "NAME": "nothing"}))
    project.write("shop/models.py", MODELS)
    project.write("shop/receivers.py", RECEIVERS)
    with Running(project, "signals", "worker") as worker:
        eventually(lambda: log(project).count("database 'default' cannot be worked for") >= 2)
        assert "trying again in" in log(project)
        worker.signal(signal.SIGTERM)
        assert worker.ends() == 0, worker.output


@pytest.mark.parametrize("mode", ["thread", "process"])
def test_a_web_process_works_from_its_first_request_on_where_the_setting_says_so(project, mode):
    project.add_settings(f"HELIOGRAPH['WORKER'] = {mode!r}")
    send(project, "waiting")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{free.getsockname()[1]}"
    with Running(project, "runserver", "--noreload", address) as server:

        def answers():
            try:
                return urllib.request.urlopen(f"http://{address}/", timeout=DEADLINE).read() == b"done"
            except OSError:
                return False

        eventually(lambda: "development server at" in server.output)
        assert notes(project) == []
        eventually(answers)
        if mode == "thread":
            eventually(lambda: notes(project) == ["waiting", "from a request"])
        else:
            assert log(project) == ""
            assert notes(project) == []
        server.signal(signal.SIGINT)
        server.ends()
    assert rows(project, "Worker", "pk") == []


def test_a_web_process_without_tables_answers_and_works_once_they_are_there(new_project):
    project = new_project("shop", "heliograph")
    project.add_settings(SETTINGS.format(database={"ENGINE": "django.db.backends.sqlite3", "NAME": "db.sqlite3"}))
    project.add_settings("HELIOGRAPH['WORKER'] = 'thread'")
    project.write("shop/models.py", MODELS)
    project.write("shop/receivers.py", RECEIVERS)
    project.write("shop/urls.py", URLS.replace('opened.send(None, text="from a request")', "pass"))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{free.getsockname()[1]}"

    def answers():
        try:
            return urllib.request.urlopen(f"http://{address}/", timeout=DEADLINE).read() == b"done"
        except urllib.error.HTTPError as error:
            raise AssertionError(error.read()[-2000:]) from error
        except OSError:
            return False

    with Running(project, "runserver", "--noreload", address) as server:
        eventually(answers)
        assert answers()
        assert log(project).count("no worker has started in this process") == 1
        assert project.manage("migrate", "--run-syncdb", "--verbosity=0").returncode == 0
        send(project, "waiting")
        assert answers()
        eventually(lambda: notes(project) == ["waiting"])
        server.signal(signal.SIGINT)
        server.ends()
