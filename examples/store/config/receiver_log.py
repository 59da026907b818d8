"""The log of the store's receivers, on standard output: who ran, in which mode and where, and what it did."""

import json
import logging
import os
from functools import cache
from io import StringIO
from typing import Any

from django.core.management import call_command
from django.db import connection


@cache
def modes() -> dict[str, str]:
    """Each receiver's mode by its name, as `manage.py signals list` tells it."""
    told = StringIO()
    call_command("signals", "list", "--format", "json", stdout=told)
    return {entry["receiver"]: entry["mode"] for entry in json.loads(told.getvalue())}


class AddReceiver(logging.Filter):
    """Give each record the receiver that wrote it, its mode, and where it ran."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.receiver = f"{record.name}.{record.funcName}"
        record.mode = modes().get(record.receiver, "-")
        if record.mode == "durable":
            record.where = f"worker {os.getpid()}"
        else:
            record.where = "in the transaction" if connection.in_atomic_block else "after the commit"
        return True


class AddWorker(logging.Filter):
    """Put what a worker itself has to say into the same columns."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.mode = record.levelname.lower()
        record.where = f"worker {os.getpid()}"
        return True


COLUMNS = "    %(mode)-9s  %(where)-18s  "

LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"receiver": {"()": AddReceiver}, "worker": {"()": AddWorker}},
    "formatters": {
        "receiver": {"format": COLUMNS + "%(receiver)s: %(message)s"},
        "worker": {"format": COLUMNS + "%(message)s"},
    },
    "handlers": {
        name: {"class": "logging.StreamHandler", "stream": "ext://sys.stdout", "filters": [name], "formatter": name}
        for name in ("receiver", "worker")
    },
    "loggers": {
        name: {"handlers": [handler], "level": "INFO", "propagate": False}
        for name, handler in {
            "store.signals": "receiver",
            "warehouse.receivers": "receiver",
            "loyalty.receivers": "receiver",
            "notifications.receivers": "receiver",
            "heliograph.worker": "worker",
        }.items()
    },
}
