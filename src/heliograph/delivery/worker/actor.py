"""The owner of one partition: does everything for it, one thing at a time."""

from __future__ import annotations

import logging

from heliograph.delivery.states import State
from heliograph.delivery.verdict import Outcome, after_attempt
from heliograph.delivery.worker.attempts import DisconnectedError, record
from heliograph.delivery.worker.deliveries import Deliveries
from heliograph.delivery.worker.due import DueDeliveries
from heliograph.delivery.worker.hands import Hands
from heliograph.delivery.worker.pages import Pages
from heliograph.delivery.worker.partition import Owned
from heliograph.delivery.worker.reading import Reading
from heliograph.delivery.worker.work import together

logger = logging.getLogger("heliograph.worker")

#: Events that are read at once, where no larger batch is asked for.
PAGE = 100

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
            self._pages.marked = self._page

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
        with together(hands):
            owned.fence(hands.work)
            for due in self.deliveries.claimed(hands.work):
                self.deliveries.end_claim(hands.work, due, outcome, record(gone.__cause__ or gone, hands.worker))
            entry = gone.entry
            if entry is not None and gone.due is None and not restarted and entry.position > owned.position:
                verdict = after_attempt(outcome, state=State.SMOOTH, policy=self.reading.receiver.options.retry)
                self.deliveries.add(hands.work, entry, verdict, record(gone.__cause__ or gone, hands.worker))

    def hand_back(self, hands: Hands) -> None:
        """Give the partition up, between turns."""
        self.lost = True
        self.owned.hand_back(hands.own, self.looked_up_to)

    def _has_ended(self) -> bool:
        return self.owned.until is not None and self.looked_up_to >= self.owned.until
