"""A worker inside a web process: ``HELIOGRAPH["WORKER"] = "thread"``."""

from __future__ import annotations

import atexit
import functools
import logging
import os
import threading
from typing import Any

from django.core import mail
from django.core.signals import request_started

from heliograph.delivery.declaration.registry import durable_receivers
from heliograph.delivery.worker.process import stations
from heliograph.delivery.worker.station import Station
from heliograph.errors import NoEventLogError

logger = logging.getLogger("heliograph.worker")

#: A web process that ends waits for the event in hand so long.
_GRACE_SECONDS = 5

_lock = threading.Lock()
_started_in: int | None = None
_stations: list[Station] = []


def start_with_first_request() -> None:
    """Start a worker thread when this process serves its first request; a process forked from it starts its own."""
    request_started.connect(_start, dispatch_uid="heliograph.worker")


def _start(**_: Any) -> None:
    global _started_in
    if _started_in == os.getpid():
        return
    with _lock:
        if _started_in == os.getpid() or _is_a_test() or not durable_receivers():
            return
        try:
            found = stations(threads=1, only=(), drain=False)
        except NoEventLogError as error:
            _tell_once(str(error))
            return
        _started_in = os.getpid()
        _stations[:] = found
        for station in _stations:
            logger.info("working for %r in a thread of this process", station.alias)
            station.start()
        atexit.register(_end)


@functools.cache
def _tell_once(error_text: str) -> None:
    # The next request looks again: somebody may have run manage.py migrate.
    logger.error("no worker has started in this process: %s", error_text)


def _end() -> None:
    for station in _stations:
        station.stop()
    for station in _stations:
        if _started_in == os.getpid():
            station.join(_GRACE_SECONDS)


def _is_a_test() -> bool:
    # Django's test environment puts it there. Its requests belong to transactions that no worker would ever see.
    return hasattr(mail, "outbox")
