"""Receivers that do what the first word of an event's token says."""

import contextlib
import os
import signal
import time
from pathlib import Path

from django.db import connection

from heliograph import receiver
from heliograph.delivery.decisions.retry import RetryPolicy
from workshop.effects import did
from workshop.signals import made

TIMEOUT_SECONDS = 0.7
SOON = RetryPolicy(max_attempts=2, base_seconds=0.1, jitter=False)


@receiver(made, durable=True, name="scripted", retry=SOON, timeout=TIMEOUT_SECONDS)
def scripted(token, key, number, **_):
    did("scripted", token, key, number)
    act(token)


@receiver(made, durable=True, name="patient", retry=SOON)
def patient(token, key, number, **_):
    did("patient", token, key, number)
    word, _, name = token.partition(" ")
    if word == "wait":
        Path(f"{name}.{os.getpid()}.waiting").touch()
        deadline = time.monotonic() + 60
        while not Path(f"{name}.go").exists():
            if time.monotonic() > deadline:
                raise TimeoutError(f"{name}.go has not come")
            time.sleep(0.01)


def act(token):
    """Do what an event asks for."""
    match token.split()[0]:
        case "fail":
            raise ValueError("asked to fail")
        case "kill":
            os.kill(os.getpid(), signal.SIGKILL)
        case "hang":
            time.sleep(3600)
        case "sleep":
            execute("select pg_sleep(3600)")
        case "terminate":
            execute("select pg_terminate_backend(pg_backend_pid())")
        case "catch":
            with contextlib.suppress(Exception):  # as careless receivers do
                execute("select pg_terminate_backend(pg_backend_pid())")


def execute(statement):
    with connection.cursor() as cursor:
        cursor.execute(statement)
