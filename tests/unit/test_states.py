"""The table of what may happen to a delivery."""

import copy
import pickle

import pytest

from heliograph.delivery.decisions.states import STORED, TABLE, Happening, State, figure, holds_key, move, states_from
from heliograph.errors import DeliveryStateError

SMOOTH, RETRYING, RUNNING, HELD, DEAD, DONE, PRUNED = State

#: From each state: what happens, and where it leads. Written out by hand, so that a slip in the table shows.
EXPECTED = {
    SMOOTH: {
        "succeeded": DONE,
        "failed": RETRYING,
        "failed for the last time": DEAD,
        "asked for later": RETRYING,
        "rejected": DEAD,
        "lost a conflict in the database": SMOOTH,
        "its process died": RETRYING,
        "its process died for the last time": DEAD,
        "interrupted": SMOOTH,
        "too many hops": DEAD,
        "its key is troubled": HELD,
    },
    RETRYING: {
        "claimed": RUNNING,
        "its key is troubled": HELD,
        "retried by an operator": RETRYING,
        "let go by an operator": DONE,
    },
    RUNNING: {
        "succeeded": DONE,
        "failed": RETRYING,
        "failed for the last time": DEAD,
        "asked for later": RETRYING,
        "rejected": DEAD,
        "lost a conflict in the database": RUNNING,
        "its process died": RETRYING,
        "its process died for the last time": DEAD,
        "interrupted": RETRYING,
        "let go by an operator": DONE,
    },
    HELD: {"released": RETRYING, "let go by an operator": DONE},
    DEAD: {
        "retried by an operator": RETRYING,
        "retried behind another": HELD,
        "replayed": RETRYING,
        "replayed behind another": HELD,
        "let go by an operator": DONE,
    },
    DONE: {"replayed": RETRYING, "replayed behind another": HELD, "pruned": PRUNED},
    PRUNED: {},
}


@pytest.mark.parametrize("happening", Happening)
@pytest.mark.parametrize("state", State)
def test_what_happens_leads_to_one_state_or_is_an_error(state, happening):
    if happening in EXPECTED[state]:
        assert move(state, happening) is EXPECTED[state][happening]
    else:
        with pytest.raises(DeliveryStateError):
            move(state, happening)


@pytest.mark.parametrize("happening", Happening)
def test_the_states_from_which_something_may_happen(happening):
    assert states_from(happening) == tuple(state for state in State if happening in EXPECTED[state])
    assert states_from(happening)


def test_from_every_state_all_can_still_be_well():
    well = {DONE}
    while more := {state for state in set(EXPECTED) - well if well & set(EXPECTED[state].values())}:
        well |= more
    assert well == set(State) - {PRUNED}


def test_a_row_is_there_in_four_states():
    assert STORED == (RETRYING, RUNNING, HELD, DEAD)
    assert all(len(state) <= 16 for state in STORED)


def test_an_error_says_what_would_do_and_can_be_copied():
    with pytest.raises(DeliveryStateError) as caught:
        move(RUNNING, Happening.RETRIED)
    error = caught.value
    told = "A delivery that is running cannot be moved by 'retried by an operator', only one that is retrying or dead."
    assert str(error) == told
    for other in (pickle.loads(pickle.dumps(error)), copy.copy(error)):
        assert str(other) == told
        assert (other.state, other.happening, other.states) == ("running", "retried by an operator", (RETRYING, DEAD))


@pytest.mark.parametrize("ordering", ["key", "strict", "none"])
@pytest.mark.parametrize("state", State)
def test_a_key_waits_for_what_is_open_and_for_the_dead_only_if_strict(state, ordering):
    holding = {"key": {RETRYING, RUNNING, HELD}, "strict": {RETRYING, RUNNING, HELD, DEAD}, "none": set()}
    assert holds_key(state, ordering) == (state in holding[ordering])


def test_the_figure_has_every_entry_of_the_table_once():
    head, begin, *arrows, end = figure().splitlines()
    assert (head, begin, end) == ("stateDiagram-v2", "    [*] --> smooth", "    pruned --> [*]")
    assert "    retrying --> running: claimed" in arrows
    assert "    held --> retrying: released" in arrows
    drawn = [(arrow.split(": ")[0], label) for arrow in arrows for label in arrow.split(": ")[1].split(", ")]
    table = [(f"    {before} --> {after}", name) for name, leads in TABLE.items() for before, after in leads.items()]
    assert sorted(drawn) == sorted(table)
