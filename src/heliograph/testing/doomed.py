"""Working until a point at which the process dies."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Collection
from functools import partial

from heliograph.delivery.worker import pages
from heliograph.delivery.worker.hands import Hands
from heliograph.delivery.worker.prepared import Prepared
from heliograph.delivery.worker.station import Station
from heliograph.testing.points import Point


class DoomedHands(Hands):
    """Hands that come to a point once."""

    def __init__(self, alias: str, worker: str, stop: threading.Event, *, at: Point) -> None:
        super().__init__(alias, worker, stop)
        self._at = at

    def give(self, prepared: Prepared) -> bool:
        if self._at is Point.BEFORE_RECEIVER or (self._at is Point.MID_BATCH and len(self._taken) > 1):
            _die()
        heard = super().give(prepared)
        if heard and self._at is Point.AFTER_EFFECT:
            _die()
        if heard and self._at is Point.BEFORE_ACKNOWLEDGEMENT and not self.work.in_atomic_block:
            _die()
        return heard

    def commit(self) -> None:
        if self._taken and self._at is Point.BEFORE_ACKNOWLEDGEMENT:
            _die()
        super().commit()


def work(alias: str, *, only: Collection[str], at: str | None) -> int:
    """Work for a database until nothing is left, or up to a point; return the exit code of the process."""
    hands = Hands if at is None else partial(DoomedHands, at=Point(at))
    if at == Point.MID_BATCH:
        # However long the first event takes here, the second one shares its transaction.
        pages.SHARED_SECONDS = dict.fromkeys(pages.SHARED_SECONDS, 3600.0)
    station = Station(alias, threads=1, only=only, drain=True, hands=hands)
    station.start()
    station.join()
    return 1 if station.failed else 0


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)
