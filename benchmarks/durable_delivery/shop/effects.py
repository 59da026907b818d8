"""What a receiver does with an event: the same for all contenders."""

import json
import os
import time
from collections.abc import Callable
from pathlib import Path

from django.db import connection

from durable_delivery.shop.models import Effect

INSERT = "INSERT INTO shop_effect (event, started, worker) VALUES (%s, %s, %s)"
PID = os.getpid()

Deliver = Callable[[int], None]


def by_cursor(number: int) -> None:
    """Insert one row by one statement."""
    with connection.cursor() as cursor:
        cursor.execute(INSERT, (number, time.time(), PID))


def by_orm(number: int) -> None:
    """Insert one row as most receivers do."""
    Effect.objects.create(event=number, started=time.time(), worker=PID)


class Counting:
    """Does nothing but count, and tells a file how long the calls took, first to last.

    Args:
        events: how many calls there will be.
        report: the file.
    """

    def __init__(self, events: int, report: Path) -> None:
        self._left = events
        self._events = events
        self._report = report
        self._began = 0.0

    def __call__(self, number: int) -> None:
        if self._left == self._events:
            self._began = time.perf_counter()
        self._left -= 1
        if not self._left:
            tell(self._report, self._events, time.perf_counter() - self._began)


def tell(report: Path, events: int, seconds: float) -> None:
    """Leave in a file how long some events took; whoever waits for the file never sees half of it."""
    unfinished = report.with_suffix(".part")
    unfinished.write_text(json.dumps({"events": events, "seconds": seconds}))
    unfinished.rename(report)
