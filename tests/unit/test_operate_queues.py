"""Who of a key goes and who waits, once an operator has changed something."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from heliograph.delivery.decisions.states import STORED, Happening, State, holds_key, move
from heliograph.delivery.operate.queues import Standing, arrange

RETRIED = (Happening.RETRIED, Happening.RETRIED_BEHIND)
REPLAYED = (Happening.REPLAYED, Happening.REPLAYED_BEHIND)


def happened(queue, ordering="key", words=RETRIED):
    """What happens to each delivery of a queue, given as pairs of state and wanted, by its place."""
    standings = [Standing(place, place, State(state), wanted) for place, (state, wanted) in enumerate(queue)]
    found = {}
    for standing, happening in arrange(standings, ordering, *words):
        found.setdefault(standing.position, []).append(happening)
    return found


@pytest.mark.parametrize(
    ("queue", "found"),
    [
        ([("dead", True)], {0: [Happening.RETRIED]}),
        ([("retrying", True)], {0: [Happening.RETRIED]}),
        ([("dead", False)], {}),
        ([("retrying", False), ("dead", True)], {1: [Happening.RETRIED_BEHIND]}),
        ([("running", False), ("dead", True)], {1: [Happening.RETRIED_BEHIND]}),
        ([("dead", False), ("dead", True)], {1: [Happening.RETRIED]}),
        ([("dead", True), ("dead", True)], {0: [Happening.RETRIED], 1: [Happening.RETRIED_BEHIND]}),
        ([("dead", True), ("retrying", False)], {0: [Happening.RETRIED], 1: [Happening.KEY_TROUBLED]}),
        (
            [("dead", True), ("running", False), ("held", False)],
            {0: [Happening.RETRIED], 1: [Happening.INTERRUPTED, Happening.KEY_TROUBLED]},
        ),
        ([("held", False)], {0: [Happening.RELEASED]}),
        ([("held", False), ("dead", True)], {0: [Happening.RELEASED], 1: [Happening.RETRIED_BEHIND]}),
    ],
)
def test_the_first_of_a_key_goes_and_the_others_wait(queue, found):
    assert happened(queue) == found


def test_a_dead_one_holds_its_key_with_strict_ordering_alone():
    queue = [("dead", False), ("held", False)]
    assert happened(queue, "strict") == {}
    assert happened(queue, "key") == {1: [Happening.RELEASED]}


def test_without_ordering_nobody_waits():
    assert happened([("retrying", False), ("dead", True), ("dead", True)], "none") == {
        1: [Happening.RETRIED],
        2: [Happening.RETRIED],
    }


def test_what_is_inserted_is_replayed():
    assert happened([("done", True), ("dead", True), ("done", True)], words=REPLAYED) == {
        0: [Happening.REPLAYED],
        1: [Happening.REPLAYED_BEHIND],
        2: [Happening.REPLAYED_BEHIND],
    }


@given(
    st.lists(st.tuples(st.sampled_from(STORED), st.booleans()), max_size=8),
    st.sampled_from(["key", "strict", "none"]),
)
def test_whatever_the_queue_each_step_is_in_the_table_and_nobody_goes_behind_an_open_one(queue, ordering):
    wanted = [(state, flag and state in (State.DEAD, State.RETRYING)) for state, flag in queue]
    states = {place: state for place, (state, _) in enumerate(wanted)}
    for place, happenings in happened(wanted, ordering).items():
        for happening in happenings:
            states[place] = move(states[place], happening)
    holding = [place for place, state in states.items() if holds_key(state, ordering)]
    going = [place for place, state in states.items() if state in (State.RETRYING, State.RUNNING)]
    assert all(place == holding[0] for place in going if ordering != "none")
    if ordering != "none" and holding:
        assert states[holding[0]] is not State.HELD
