"""The owner of one partition: does everything for it, one thing at a time."""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from copy import copy
from functools import partial
from typing import Any, NamedTuple

from django.db import Error

from heliograph.delivery.decisions.verdict import Outcome
from heliograph.delivery.worker.attempts import DisconnectedError, Ending, record
from heliograph.delivery.worker.deliveries import Deliveries
from heliograph.delivery.worker.due import DueDeliveries
from heliograph.delivery.worker.hands import Hands
from heliograph.delivery.worker.pages import Pages
from heliograph.delivery.worker.partition import Owned
from heliograph.delivery.worker.reading import Reading
from heliograph.delivery.worker.work import together
from heliograph.log.entries import Entry
from heliograph.log.log import Log

logger = logging.getLogger("heliograph.worker")

#: Events that are read at once, where no larger batch is asked for.
PAGE = 200

#: A partition that has nothing to run keeps its position in memory up to so far.
_FAR = 1000


class Page(NamedTuple):
    """Some events as they were read.

    Attributes:
        after: the position behind which they are the first.
        end: as far as the page goes, or would go.
    """

    after: int
    entries: list[Entry]
    end: int


class Actor:
    """Pages, retries and held events of one partition.

    Attributes:
        looked_up_to: no event of this partition behind its position is at or before this one.
        lost: whether the ownership is lost or given up; then this actor is done.
        has_due: whether it has to be asked, in the next turn, for deliveries that are due.
    """

    def __init__(self, reading: Reading, owned: Owned, *, after_crash: bool = False) -> None:
        self.reading = reading
        self.owned = owned
        self.deliveries = Deliveries(reading, owned.share)
        self._pages = Pages(reading, owned, self.deliveries)
        self._due = DueDeliveries(reading, owned, self.deliveries)
        self._limit = max(PAGE, reading.receiver.options.batch or 0)
        self._ahead: Page | None = None
        self._known_at = time.monotonic()
        self.looked_up_to = owned.position
        self.lost = False
        self.has_due = True
        if after_crash:
            self._pages.course.marked = self._limit

    def turn(self, hands: Hands, last_position: int, known_since: float = 0.0) -> bool:
        """Run what is due, then one page; tell whether there is more to do at once.

        Args:
            last_position: as far as the log has come.
            known_since: what was read before does not count any more.

        Raises:
            LostError: the ownership is lost.
            DisconnectedError: the session is lost, with the event that was in hand.
        """
        if self._known_at < known_since:
            self._learn_anew(hands)
        if self.has_due:
            self.has_due = False  # before they are asked for: the station may set it again meanwhile
            if self._due.run(hands):
                self.has_due = True
        owned = self.owned
        page, self._ahead = self._ahead, None
        if page is None or page.after != self.looked_up_to:  # what is before it may have been rolled back
            page = self._read(hands.log, last_position, after=self.looked_up_to)
        if page.entries:
            done = self._pages.run(hands, page.entries, partial(self._read_on, hands.log, page, last_position))
            self.looked_up_to = max(self.looked_up_to, owned.position)
            if done < len(page.entries) or len(page.entries) == self._limit:
                return True
        self.looked_up_to = max(self.looked_up_to, page.end)
        if self.looked_up_to - owned.position > _FAR or self._has_ended():
            owned.move(hands.own, self.looked_up_to)
            owned.position = self.looked_up_to
        if self._has_ended() and owned.retire(hands.own):
            self.lost = True
        return self.has_due or page.end < self._end(last_position)

    def read_ahead(self, log: Log, last_position: int) -> None:
        """Read the page of the next turn, while there is none, in a session that is awake."""
        self._ahead = self._read(log, last_position, after=self.looked_up_to)

    def recover(self, hands: Hands, gone: DisconnectedError, *, restarted: bool) -> None:
        """Go on after the session was lost, with new ones.

        Args:
            gone: with the event that was in hand, whose crash it is.
            restarted: the server was, so that nobody is to blame.

        Raises:
            LostError: the ownership is lost.
        """
        self._learn_anew(hands)
        outcome = Outcome.INTERRUPTED if restarted else Outcome.CRASHED
        error = record(gone.__cause__ or gone, hands.worker)
        with together(hands):
            self.owned.fence(hands.work)
            for due in self.deliveries.claimed(hands.work):
                self.deliveries.end_claim(hands.work, due, outcome, error)
        if gone.entry is not None and gone.due is None and not restarted:
            self.keep_in_mind(gone.entry, Ending(outcome=outcome, error=error))

    def keep_in_mind(self, entry: Entry, ending: Ending) -> None:
        """Have the end of an attempt written in the event's turn, in place of another attempt.

        Before it there may be events whose work was undone along with its own, so that it cannot be written at once.
        """
        self._pages.endings[entry.place] = ending

    def successor(self, owned: Owned) -> Actor:
        """Return who goes on under another epoch, with all that this one has in mind and has not written yet."""
        actor = Actor(self.reading, owned)
        actor._pages.endings = dict(self._pages.endings)
        actor._pages.course = copy(self._pages.course)
        return actor

    def go_alone(self, last: Entry) -> None:
        """Give each event up to one a transaction of its own, so that it can be told whose trouble it is."""
        self._pages.course.alone_up_to = last.position

    def hand_back(self, own: Any, opened_at: float) -> None:
        """Give the partition up, between turns.

        Args:
            own: the session with which.
            opened_at: when it was opened.
        """
        self.lost = True
        self.owned.hand_back(own, self.looked_up_to if self._known_at >= opened_at else None)

    def _learn_anew(self, hands: Hands) -> None:
        """Forget what was read in sessions that are lost: after a crash or a failover the server may know less."""
        self._known_at = time.monotonic()
        self.owned.reread(hands.own)
        self.looked_up_to = self.owned.position
        self._ahead = None
        self.has_due = True

    def _read_on(self, log: Log, page: Page, last_position: int) -> Sequence[Entry]:
        """Read the page behind one, if there may be one, and return its events."""
        if len(page.entries) < self._limit:
            return ()
        try:
            self._ahead = self._read(log, last_position, after=page.entries[-1].position)
        except Error:
            return ()  # no trouble of the events that are being committed; the next turn reads it again
        return self._ahead.entries

    def _read(self, log: Log, last_position: int, *, after: int) -> Page:
        """Return the page behind a position."""
        end = self._end(last_position)
        signals = list(self.reading.signals)
        return Page(after, log.read(signals, after=after, until=end, limit=self._limit, share=self.owned.share), end)

    def _end(self, last_position: int) -> int:
        """Return as far as this partition goes in a log that has come so far."""
        return last_position if self.owned.until is None else min(last_position, self.owned.until)

    def _has_ended(self) -> bool:
        return self.owned.until is not None and self.looked_up_to >= self.owned.until
