"""The owner of one partition: does everything for it, one thing at a time."""

from __future__ import annotations

import logging
from copy import copy

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

logger = logging.getLogger("heliograph.worker")

#: Events that are read at once, where no larger batch is asked for.
PAGE = 200

#: A partition that has nothing to run keeps its position in memory up to so far.
_FAR = 1000


class Actor:
    """Pages, retries and held events of one partition.

    Attributes:
        looked_up_to: no event of this partition behind its position is at or before this one.
        lost: whether the ownership is lost or given up; then this actor is done.
    """

    def __init__(self, reading: Reading, owned: Owned, *, after_crash: bool = False) -> None:
        self.reading = reading
        self.owned = owned
        self.deliveries = Deliveries(reading, owned.share)
        self._pages = Pages(reading, owned, self.deliveries)
        self._due = DueDeliveries(reading, owned, self.deliveries)
        self._page = max(PAGE, reading.receiver.options.batch or 0)
        self.looked_up_to = owned.position
        self.lost = False
        if after_crash:
            self._pages.course.marked = self._page

    def turn(self, hands: Hands, last_position: int) -> bool:
        """Run what is due, then one page; tell whether there is more to do at once.

        Args:
            last_position: as far as the log has come.

        Raises:
            LostError: the ownership is lost.
            DisconnectedError: the session is lost, with the event that was in hand.
        """
        more = self._due.run(hands)
        owned = self.owned
        end = last_position if owned.until is None else min(last_position, owned.until)
        entries = hands.log.read(
            list(self.reading.signals), after=self.looked_up_to, until=end, limit=self._page, share=owned.share
        )
        if entries:
            done = self._pages.run(hands, entries)
            self.looked_up_to = max(self.looked_up_to, owned.position)
            if done < len(entries) or len(entries) == self._page:
                return True
        self.looked_up_to = max(self.looked_up_to, end)
        if self.looked_up_to - owned.position > _FAR or self._has_ended():
            owned.move(hands.own, self.looked_up_to)
            owned.position = self.looked_up_to
        if self._has_ended() and owned.retire(hands.own):
            self.lost = True
        return more

    def recover(self, hands: Hands, gone: DisconnectedError, *, restarted: bool) -> None:
        """Go on after the session was lost, with new ones.

        Args:
            gone: with the event that was in hand, whose crash it is.
            restarted: the server was, so that nobody is to blame.

        Raises:
            LostError: the ownership is lost.
        """
        owned = self.owned
        owned.reread(hands.own)
        self.looked_up_to = owned.position
        outcome = Outcome.INTERRUPTED if restarted else Outcome.CRASHED
        error = record(gone.__cause__ or gone, hands.worker)
        with together(hands):
            owned.fence(hands.work)
            for due in self.deliveries.claimed(hands.work):
                self.deliveries.end_claim(hands.work, due, outcome, error)
        if gone.entry is not None and gone.due is None and not restarted:
            self.keep_in_mind(gone.entry, Ending(outcome=outcome, error=error))

    def keep_in_mind(self, entry: Entry, ending: Ending) -> None:
        """Have the end of an attempt written in the event's turn, in place of another attempt.

        Before it there may be events whose work was undone along with its own, so that it cannot be written at once.
        """
        self._pages.endings[entry.position] = ending

    def successor(self, owned: Owned) -> Actor:
        """Return who goes on under another epoch, with all that this one has in mind and has not written yet."""
        actor = Actor(self.reading, owned)
        actor._pages.endings = dict(self._pages.endings)
        actor._pages.course = copy(self._pages.course)
        return actor

    def go_alone(self, last: Entry) -> None:
        """Give each event up to one a transaction of its own, so that it can be told whose trouble it is."""
        self._pages.course.alone_up_to = last.position

    def hand_back(self, hands: Hands) -> None:
        """Give the partition up, between turns."""
        self.lost = True
        self.owned.hand_back(hands.own, self.looked_up_to)

    def _has_ended(self) -> bool:
        return self.owned.until is not None and self.looked_up_to >= self.owned.until
