"""What comes after an attempt to deliver one event to one receiver."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from heliograph.delivery.decisions.retry import RetryPolicy
from heliograph.delivery.decisions.states import Happening, State, move

#: So many times the process of a receiver may die at one event.
MAX_KILLS = 3

#: So many times one attempt is made again because of deadlocks and serialization failures.
MAX_CONFLICTS = 5

#: What takes the attempt back; after a conflict it goes on.
_UNSPENT = {Happening.ASKED_FOR_LATER, Happening.CRASHED, Happening.KILLED_FOR_GOOD, Happening.INTERRUPTED}


class Outcome(Enum):
    """What an attempt has come to."""

    SUCCEEDED = Happening.SUCCEEDED
    """The receiver returned, and its work is committed."""
    FAILED = Happening.FAILED
    """It raised, hung, or could not be called: a broken payload, a receiver that is gone."""
    LATER = Happening.ASKED_FOR_LATER
    """It raised ``RetryLater``."""
    REJECTED = Happening.REJECTED
    """It raised ``Reject``."""
    CONFLICTED = Happening.CONFLICTED
    """The database chose it as the victim of a deadlock, or could not serialize it."""
    CRASHED = Happening.CRASHED
    """Its process died with the event in hand."""
    INTERRUPTED = Happening.INTERRUPTED
    """Its owner was stopped or lost the partition, or the server was restarted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What becomes of a delivery.

    Attributes:
        happening: what has happened, in the words of the table.
        state: the state that follows.
        attempts: attempts spent so far.
        kills: deaths of its process so far.
        wait_seconds: time until it is due, 0 for at once; None where nothing more is tried.
    """

    happening: Happening
    state: State
    attempts: int
    kills: int
    wait_seconds: float | None


def after_attempt(
    outcome: Outcome,
    *,
    state: State,
    policy: RetryPolicy,
    attempts: int = 1,
    kills: int = 0,
    conflicts: int = 0,
    later_seconds: float = 0,
    max_kills: int = MAX_KILLS,
) -> Verdict:
    """Decide what becomes of a delivery after an attempt.

    Args:
        outcome: what the attempt has come to.
        state: the one in which it was made, smooth or running.
        policy: the receiver's.
        attempts: spent ones, with this one: as the claim has committed it, 1 on the smooth path.
        kills: deaths of its process before this attempt.
        conflicts: how many times this attempt has conflicted, with this one.
        later_seconds: what ``RetryLater`` asks for.
        max_kills: the death after which it is dead.

    Raises:
        DeliveryStateError: no attempt is made in that state.

    Guarantees:
        ``RetryLater``, a death, an interruption and the first five conflicts spend no attempt.
    """
    kills += outcome is Outcome.CRASHED
    if outcome is Outcome.CONFLICTED and conflicts > MAX_CONFLICTS:
        outcome = Outcome.FAILED
    happening: Happening = outcome.value
    if outcome is Outcome.FAILED and attempts >= policy.max_attempts:
        happening = Happening.FAILED_FOR_GOOD
    if outcome is Outcome.CRASHED and kills >= max_kills:
        happening = Happening.KILLED_FOR_GOOD
    wait_seconds: float | None = None
    match happening:
        case Happening.FAILED:
            wait_seconds = policy.wait_seconds(attempts)
        case Happening.CRASHED:
            wait_seconds = policy.wait_seconds(kills)
        case Happening.ASKED_FOR_LATER:
            wait_seconds = later_seconds
        case Happening.CONFLICTED | Happening.INTERRUPTED:
            wait_seconds = 0.0
    return Verdict(
        happening=happening,
        state=move(state, happening),
        attempts=attempts - (happening in _UNSPENT),
        kills=kills,
        wait_seconds=wait_seconds,
    )
