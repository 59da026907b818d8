"""The log of the store's receivers, on standard output: who ran, in which mode and when, and what it did."""

import json
import logging
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


class AddMode(logging.Filter):
    """Give each record the receiver that wrote it, its mode, and whether a transaction is open."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.receiver = f"{record.name}.{record.funcName}"
        record.mode = modes().get(record.receiver, "-")
        record.moment = "in the transaction" if connection.in_atomic_block else "after the commit"
        return True


RECEIVERS: dict[str, Any] = {"handlers": ["receivers"], "level": "INFO", "propagate": False}

LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"mode": {"()": AddMode}},
    "formatters": {"receiver": {"format": "    %(mode)-9s  %(moment)-18s  %(receiver)s: %(message)s"}},
    "handlers": {
        "receivers": {
            "class": "logging.StreamHandler",
            "stream": "ext://sys.stdout",
            "filters": ["mode"],
            "formatter": "receiver",
        },
    },
    "loggers": {
        "store.signals": RECEIVERS,
        "warehouse.receivers": RECEIVERS,
        "notifications.receivers": RECEIVERS,
    },
}
