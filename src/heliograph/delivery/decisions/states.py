"""The states of a delivery, and all that may happen to it, as one table.

A delivery is one event for one subscription. While all goes well it is smooth and leaves no row; what is in trouble has
a row in one of the ``STORED`` states. Statements that move a row name the states that they come from, ``states_from``.

Pause, resume and a changed partition count move no delivery, but an attempt that they cut off is ``INTERRUPTED``.
Dropping a subscription takes its deliveries along, whatever their state.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from heliograph.errors import DeliveryStateError


class State(StrEnum):
    """Where a delivery stands."""

    SMOOTH = "smooth"
    """Not in trouble: behind the partition's position, or in the owner's hand for the first time. No row."""
    RETRYING = "retrying"
    """Waits for its time; its key waits with it."""
    RUNNING = "running"
    """Claimed by the partition's owner: the attempt is committed."""
    HELD = "held"
    """Waits for an earlier event of its key."""
    DEAD = "dead"
    """Given up until an operator comes. With ordering ``"strict"`` it goes on holding its key."""
    DONE = "done"
    """Nothing is owed any more: delivered, or let go by an operator. No row."""
    PRUNED = "pruned"
    """The event has left the log, and cannot be replayed. No row."""


#: The states that a row may have.
STORED = (State.RETRYING, State.RUNNING, State.HELD, State.DEAD)


class Happening(StrEnum):
    """What moves a delivery from state to state."""

    SUCCEEDED = "succeeded"
    FAILED = "failed"
    FAILED_FOR_GOOD = "failed for the last time"
    ASKED_FOR_LATER = "asked for later"
    REJECTED = "rejected"
    CONFLICTED = "lost a conflict in the database"
    CRASHED = "its process died"
    KILLED_FOR_GOOD = "its process died for the last time"
    INTERRUPTED = "interrupted"
    """The owner was stopped or has lost the partition; nobody is to blame."""
    TOO_MANY_HOPS = "too many hops"
    KEY_TROUBLED = "its key is troubled"
    """An earlier event of its key has an open delivery: see ``holds_key``."""
    RELEASED = "released"
    """No earlier event of its key has an open delivery any more."""
    CLAIMED = "claimed"
    RETRIED = "retried by an operator"
    RETRIED_BEHIND = "retried behind another"
    REPLAYED = "replayed"
    REPLAYED_BEHIND = "replayed behind another"
    LET_GO = "let go by an operator"
    """The operator's ``reject``."""
    PRUNED = "pruned"


#: What happens, and where it leads from each state in which it may happen.
TABLE: Mapping[Happening, Mapping[State, State]] = {
    # An attempt ends. On the smooth path there is no claim: the attempt is counted with its outcome.
    Happening.SUCCEEDED: {State.SMOOTH: State.DONE, State.RUNNING: State.DONE},
    Happening.FAILED: {State.SMOOTH: State.RETRYING, State.RUNNING: State.RETRYING},
    Happening.FAILED_FOR_GOOD: {State.SMOOTH: State.DEAD, State.RUNNING: State.DEAD},
    Happening.ASKED_FOR_LATER: {State.SMOOTH: State.RETRYING, State.RUNNING: State.RETRYING},
    Happening.REJECTED: {State.SMOOTH: State.DEAD, State.RUNNING: State.DEAD},
    Happening.CONFLICTED: {State.SMOOTH: State.SMOOTH, State.RUNNING: State.RUNNING},
    # An attempt is cut off.
    Happening.CRASHED: {State.SMOOTH: State.RETRYING, State.RUNNING: State.RETRYING},
    Happening.KILLED_FOR_GOOD: {State.SMOOTH: State.DEAD, State.RUNNING: State.DEAD},
    Happening.INTERRUPTED: {State.SMOOTH: State.SMOOTH, State.RUNNING: State.RETRYING},
    # The owner of the partition decides without calling the receiver.
    Happening.TOO_MANY_HOPS: {State.SMOOTH: State.DEAD},
    Happening.KEY_TROUBLED: {State.SMOOTH: State.HELD, State.RETRYING: State.HELD},
    Happening.RELEASED: {State.HELD: State.RETRYING},
    Happening.CLAIMED: {State.RETRYING: State.RUNNING},
    # An operator acts, under a new epoch: what runs at that moment cannot commit. The first of a key goes ahead.
    Happening.RETRIED: {State.RETRYING: State.RETRYING, State.DEAD: State.RETRYING},
    Happening.RETRIED_BEHIND: {State.DEAD: State.HELD},
    Happening.REPLAYED: {State.DEAD: State.RETRYING, State.DONE: State.RETRYING},
    Happening.REPLAYED_BEHIND: {State.DEAD: State.HELD, State.DONE: State.HELD},
    Happening.LET_GO: dict.fromkeys(STORED, State.DONE),
    # The log forgets.
    Happening.PRUNED: {State.DONE: State.PRUNED},
}


def move(state: State, happening: Happening) -> State:
    """Return the state that follows.

    Raises:
        DeliveryStateError: this cannot happen in that state.
    """
    leads = TABLE[happening]
    if state not in leads:
        raise DeliveryStateError(state=state, happening=happening, states=states_from(happening))
    return leads[state]


def states_from(happening: Happening) -> tuple[State, ...]:
    """Return the states in which something may happen, in the order of ``State``."""
    return tuple(state for state in State if state in TABLE[happening])


def holds_key(state: State, ordering: str) -> bool:
    """Tell whether later events of a key wait for one that is in this state."""
    if ordering == "none" or state not in STORED:
        return False
    return state != State.DEAD or ordering == "strict"


def figure() -> str:
    """Return the table as a state diagram in Mermaid: one arrow per two states, with all that leads along it."""
    labels: dict[tuple[State, State], list[str]] = {}
    for happening, leads in TABLE.items():
        for before, after in leads.items():
            labels.setdefault((before, after), []).append(happening)
    arrows = [f"    {before} --> {after}: {', '.join(labels[before, after])}" for before, after in sorted(labels)]
    return "\n".join(["stateDiagram-v2", f"    [*] --> {State.SMOOTH}", *arrows, f"    {State.PRUNED} --> [*]"])
