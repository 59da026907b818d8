"""What comes after an attempt."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from heliograph.delivery.decisions.retry import RetryPolicy
from heliograph.delivery.decisions.states import STORED, Happening, State, move
from heliograph.delivery.decisions.verdict import MAX_CONFLICTS, MAX_KILLS, Outcome, Verdict, after_attempt
from heliograph.errors import DeliveryStateError

POLICY = RetryPolicy(max_attempts=3, jitter=False)
EITHER = pytest.mark.parametrize("state", [State.SMOOTH, State.RUNNING])


def verdict(happening, state, attempts, kills, wait_seconds):
    return Verdict(happening=happening, state=state, attempts=attempts, kills=kills, wait_seconds=wait_seconds)


@EITHER
def test_a_success_is_done(state):
    after = after_attempt(Outcome.SUCCEEDED, state=state, policy=POLICY, attempts=3)
    assert after == verdict(Happening.SUCCEEDED, State.DONE, 3, 0, None)


@EITHER
def test_a_failure_is_tried_again_after_a_wait_that_grows(state):
    waits = [after_attempt(Outcome.FAILED, state=state, policy=POLICY, attempts=each) for each in (1, 2)]
    assert waits == [verdict(Happening.FAILED, State.RETRYING, each, 0, each) for each in (1, 2)]


@EITHER
def test_the_last_failure_is_dead(state):
    after = after_attempt(Outcome.FAILED, state=state, policy=POLICY, attempts=3)
    assert after == verdict(Happening.FAILED_FOR_GOOD, State.DEAD, 3, 0, None)


@EITHER
def test_later_spends_no_attempt_however_often_it_is_asked(state):
    after = after_attempt(Outcome.LATER, state=state, policy=POLICY, attempts=3, kills=2, later_seconds=90)
    assert after == verdict(Happening.ASKED_FOR_LATER, State.RETRYING, 2, 2, 90)


@EITHER
def test_a_rejection_is_dead_at_once(state):
    after = after_attempt(Outcome.REJECTED, state=state, policy=POLICY)
    assert after == verdict(Happening.REJECTED, State.DEAD, 1, 0, None)


@EITHER
def test_a_death_is_counted_apart_from_the_attempts(state):
    after = after_attempt(Outcome.CRASHED, state=state, policy=POLICY, attempts=3, kills=1)
    assert after == verdict(Happening.CRASHED, State.RETRYING, 2, 2, 2)


@EITHER
def test_the_third_death_is_dead(state):
    after = after_attempt(Outcome.CRASHED, state=state, policy=POLICY, attempts=1, kills=2)
    assert after == verdict(Happening.KILLED_FOR_GOOD, State.DEAD, 0, MAX_KILLS, None)
    assert MAX_KILLS == 3
    more = after_attempt(Outcome.CRASHED, state=state, policy=POLICY, kills=2, max_kills=4)
    assert more.state is State.RETRYING


@pytest.mark.parametrize(("state", "after"), [(State.SMOOTH, State.SMOOTH), (State.RUNNING, State.RETRYING)])
def test_an_interruption_blames_nobody_and_is_made_good_at_once(state, after):
    found = after_attempt(Outcome.INTERRUPTED, state=state, policy=POLICY, attempts=3, kills=2)
    assert found == verdict(Happening.INTERRUPTED, after, 2, 2, 0)


@EITHER
def test_five_conflicts_are_redone_at_once_within_the_attempt_and_the_sixth_is_its_failure(state):
    for conflicts in range(1, MAX_CONFLICTS + 1):
        after = after_attempt(Outcome.CONFLICTED, state=state, policy=POLICY, attempts=3, conflicts=conflicts)
        assert after == verdict(Happening.CONFLICTED, state, 3, 0, 0)
    for attempts, happening in ((2, Happening.FAILED), (3, Happening.FAILED_FOR_GOOD)):
        after = after_attempt(Outcome.CONFLICTED, state=state, policy=POLICY, attempts=attempts, conflicts=6)
        assert after.happening is happening
        assert after.attempts == attempts
    assert MAX_CONFLICTS == 5


@pytest.mark.parametrize("outcome", Outcome)
@pytest.mark.parametrize("state", [each for each in State if each not in (State.SMOOTH, State.RUNNING)])
def test_no_attempt_is_made_in_another_state(state, outcome):
    with pytest.raises(DeliveryStateError):
        after_attempt(outcome, state=state, policy=POLICY)


@given(
    outcomes=st.lists(st.sampled_from(Outcome), min_size=200, max_size=200),
    max_attempts=st.integers(1, 12),
    max_kills=st.integers(1, 4),
)
def test_every_path_ends_after_a_bounded_number_of_failures_and_deaths(outcomes, max_attempts, max_kills):
    policy = RetryPolicy(max_attempts=max_attempts)
    state, attempts, kills, conflicts = State.SMOOTH, 0, 0, 0
    failures = deaths = 0
    # The rest of the path fails: however it began, it comes to an end.
    for outcome in [*outcomes, *[Outcome.FAILED] * max_attempts]:
        if state is State.RETRYING:
            state = move(state, Happening.CLAIMED)
        conflicts = conflicts + 1 if outcome is Outcome.CONFLICTED else 0
        after = after_attempt(
            outcome,
            state=state,
            policy=policy,
            attempts=attempts + 1,
            kills=kills,
            conflicts=conflicts,
            max_kills=max_kills,
        )
        going_on = after.happening is Happening.CONFLICTED
        conflicts *= going_on
        attempts, kills, state = after.attempts - going_on, after.kills, after.state
        failures += after.happening in (Happening.FAILED, Happening.FAILED_FOR_GOOD)
        deaths += outcome is Outcome.CRASHED
        assert conflicts <= MAX_CONFLICTS
        assert attempts >= 0
        assert (after.wait_seconds is None) == (state in (State.DEAD, State.DONE))
        if state in (State.DEAD, State.DONE):
            break
        assert state in STORED or state is State.SMOOTH
    assert state in (State.DEAD, State.DONE)
    assert failures <= max_attempts
    assert deaths <= max_kills
