"""Errors that carry data go from process to process whole."""

import copy
import pickle

import pytest

from heliograph.errors import PayloadError, RecordingError, SignalRecursionError

WAYS = [lambda error: pickle.loads(pickle.dumps(error)), copy.copy, copy.deepcopy]


@pytest.fixture(params=WAYS, ids=["pickle", "copy", "deepcopy"])
def copied(request):
    """Each way of copying an error in turn."""
    return request.param


def test_a_payload_error(copied):
    error = PayloadError("shop.opened is sent without 'order'.", signal="shop.opened", argument="order")
    error.add_note("in a task")
    other = copied(error)
    assert type(other) is PayloadError
    assert (str(other), other.args) == (str(error), error.args)
    assert (other.signal, other.argument, other.__notes__) == ("shop.opened", "order", ["in a task"])


def test_a_recursion_error(copied):
    error = SignalRecursionError([("shop.opened", "shop.one"), ("shop.closed", "shop.other")])
    error.logged = True
    other = copied(error)
    assert type(other) is SignalRecursionError
    assert (str(other), other.args) == (str(error), error.args)
    assert (other.chain, other.logged) == (error.chain, True)


def test_a_recording_error(copied):
    error = RecordingError("shop.opened was not recorded.", signal="shop.opened", receivers=("shop.one",))
    other = copied(error)
    assert (str(other), other.signal, other.receivers) == (str(error), "shop.opened", ("shop.one",))
