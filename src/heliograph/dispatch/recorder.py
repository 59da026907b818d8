"""What a sending is handed to before any receiver is called."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from heliograph.dispatch.binding import Receiver, Record


@dataclass(frozen=True, slots=True)
class Recorder:
    """The receivers for one sender whose bindings want each sending recorded.

    Attributes:
        record: takes the sendings; the same for all of these receivers.
        recorded: a function that returns the receiver (None once it is gone), and its name, for each.
    """

    record: Record
    recorded: tuple[tuple[Callable[[], Receiver | None], str], ...]

    def __call__(self, signal: Any, sender: Any, sendings: Sequence[Mapping[str, Any]]) -> None:
        """Record sendings, unless all receivers are gone."""
        names = self.names()
        if names:
            self.record(signal, sender, sendings, names)

    def names(self) -> list[str]:
        """Return the names of the receivers that still live, each once, in the order of connecting."""
        return list(dict.fromkeys(name for resolve, name in self.recorded if resolve() is not None))

    def without(self, unwanted: Callable[[object], bool]) -> Recorder:
        """Return the recorder for the receivers that are not unwanted."""
        return Recorder(self.record, tuple(each for each in self.recorded if not unwanted(each[0]())))
