"""Who of a key goes and who waits, after an operator has changed something."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from heliograph.delivery.decisions.states import Happening, State, holds_key, move


class Standing(NamedTuple):
    """One delivery in the queue of its key.

    Attributes:
        position: its place in the queue.
        id: number of its row; None for one that is to be inserted.
        state: where it stands; done for one that is to be inserted.
        is_wanted: an operator wants it to be tried.
    """

    position: int
    id: int | None
    state: State
    is_wanted: bool = False


def arrange(
    queue: Iterable[Standing], ordering: str, ahead: Happening, behind: Happening
) -> Iterator[tuple[Standing, Happening]]:
    """Tell what has to happen so that the first delivery of a key goes and the others wait.

    Args:
        queue: the deliveries of one key that are wanted, retrying, running or dead, and the first that is held.
        ordering: of the subscription.
        ahead: what happens to a wanted one that is the first.
        behind: what happens to another wanted one.
    """
    waits = False
    for each in sorted(queue):
        state = each.state
        for happening in _happenings(each, waits, ahead, behind):
            yield each, happening
            state = move(state, happening)
        waits = waits or holds_key(state, ordering)


def _happenings(each: Standing, waits: bool, ahead: Happening, behind: Happening) -> list[Happening]:
    match each.state:
        case State.RETRYING if waits:
            return [Happening.KEY_TROUBLED]
        case State.RUNNING if waits:  # it has been cut off already, by the epoch
            return [Happening.INTERRUPTED, Happening.KEY_TROUBLED]
        case State.HELD if not waits:
            return [Happening.RELEASED]
        case _ if each.is_wanted:
            return [behind if waits else ahead]
    return []
