"""A worker as a process: a station at every database, until it is told to stop."""

from __future__ import annotations

import logging
import os
import signal
from collections.abc import Collection
from types import FrameType

from django.db import connections

from heliograph.delivery.operate.databases import databases_to_work_for
from heliograph.delivery.worker.station import Station

logger = logging.getLogger("heliograph.worker")


def stations(*, threads: int, only: Collection[str], drain: bool) -> list[Station]:
    """Return a station for each database that has an event log; none is started yet.

    Raises:
        NoEventLogError: no database has one.
    """
    return [Station(alias, threads=threads, only=only, drain=drain) for alias in databases_to_work_for()]


def run(*, threads: int = 1, only: Collection[str] = (), drain: bool = False) -> bool:
    """Run durable receivers in this process, until a SIGTERM or SIGINT, or with ``drain`` until nothing is left.

    Where one database can be worked for no longer, for an error of Heliograph's own, it ends for all of them.

    A first signal lets the events in hand be finished, and hands everything back; a second one ends the process.

    Returns:
        Whether all went well.

    Raises:
        NoEventLogError: no database has an event log.
    """
    working = stations(threads=threads, only=only, drain=drain)
    connections.close_all()  # stations have sessions of their own
    stopping = False

    def end(number: int, _: FrameType | None) -> None:
        nonlocal stopping
        if stopping:
            os._exit(128 + number)
        logger.info("stopping: the events in hand are finished first; a second signal stops at once")
        stopping = True
        for station in working:
            station.stop()

    before = {number: signal.signal(number, end) for number in (signal.SIGTERM, signal.SIGINT)}
    for station in working:
        station.start()
    logger.info("working for %s", ", ".join(repr(station.alias) for station in working) or "no database")
    for station in working:
        while station.is_alive():
            station.join(timeout=0.2)  # not for ever: a signal has to be seen to
            if any(each.failed for each in working):
                for each in working:
                    each.stop()  # so that whoever keeps this process alive starts another
    for number, handler in before.items():
        signal.signal(number, handler)
    return not any(station.failed for station in working)
