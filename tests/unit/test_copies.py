"""Copying a signal does what it does with Django's: a shallow copy shares the receivers, nothing else is possible."""

import copy
import pickle

import pytest


def hear(**named):
    return "heard"


def test_a_shallow_copy_sends_to_the_same_receivers(either_signal):
    either_signal.connect(hear)
    assert copy.copy(either_signal).send(None) == [(hear, "heard")]


@pytest.mark.parametrize("attempt", [copy.deepcopy, pickle.dumps])
def test_a_deep_copy_and_a_pickle_are_refused(either_signal, attempt):
    with pytest.raises(TypeError, match="cannot pickle"):
        attempt(either_signal)


def test_a_signal_is_hashable_true_and_equal_to_itself_only(either_signal):
    assert bool(either_signal) is True
    assert {either_signal: 1}[either_signal] == 1
    assert either_signal != type(either_signal)()
