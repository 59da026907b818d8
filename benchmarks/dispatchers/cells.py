"""The cells of the grid: how many receivers, how they are held, and how many listen to another sender."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


class Sender:
    """What the signals are sent from."""


class Other:
    """The sender that the further receivers of a cell are bound to; nothing is sent from it."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One column of the table.

    Attributes:
        receivers: how many receivers each sending reaches.
        weak: whether they are connected by weak reference.
        others: how many further receivers are bound to another sender.
    """

    receivers: int
    weak: bool = True
    others: int = 0

    @property
    def label(self) -> str:
        if self.others:
            return f"{self.receivers}+{self.others}"
        return f"{self.receivers} {'weak' if self.weak else 'strong'}" if self.receivers else "0"

    @property
    def sender(self) -> type | None:
        """What the receivers listen to: every sender, unless some of the cell's receivers listen to another one."""
        return Sender if self.others else None


GRID = (
    Cell(0),
    *(Cell(count, weak) for count in (1, 5, 50) for weak in (True, False)),
    *(Cell(count, others=50) for count in (0, 1, 5)),
)


def make_receivers(count: int) -> list[Callable[..., Any]]:
    """Return that many distinct receivers of the common shape."""

    def make() -> Callable[..., Any]:
        def receiver(sender: object, **kw: object) -> None:
            return None

        return receiver

    return [make() for _ in range(count)]
