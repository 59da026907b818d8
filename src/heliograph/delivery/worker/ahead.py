"""What is made ready while the server is at something else."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from heliograph.delivery.worker.prepared import Prepared
from heliograph.delivery.worker.reading import Reading
from heliograph.events.codec.senders import needs_no_import
from heliograph.log.entries import Entry


class Ahead:
    """The next events of a receiver, each made ready once.

    Attributes:
        read_on: returns what follows a page, without the receivers' session.
    """

    def __init__(self, reading: Reading) -> None:
        self.read_on: Callable[[], Sequence[Entry]] = tuple
        self._reading = reading
        self._most = reading.receiver.options.batch or 1
        self._ready: dict[int, Prepared] = {}

    def prepare(self, entries: Sequence[Entry]) -> None:
        """Make some events ready, and no others; not one whose sender takes an import, which may use any session."""
        self._ready = {
            entry.position: self._get(entry) or Prepared(self._reading, entry)
            for entry in entries
            if needs_no_import(entry.sender)
        }

    def prepare_following(self, following: Sequence[Entry]) -> None:
        """Make the first events ready that follow a commit, those of the next page behind the last of one."""
        self.prepare((following or self.read_on())[: self._most])

    def take(self, entry: Entry) -> Prepared:
        """Return an event that is ready by now, to be called once."""
        prepared = self._get(entry)
        if prepared is None:
            return Prepared(self._reading, entry)
        del self._ready[entry.position]
        return prepared

    def _get(self, entry: Entry) -> Prepared | None:
        """Return what was made ready of this very reading of an event."""
        prepared = self._ready.get(entry.position)
        return prepared if prepared is not None and prepared.entry is entry else None
