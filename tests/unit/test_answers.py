"""A receiver's answers are checked when they are given, and go from process to process whole."""

import copy
import pickle

import pytest

from heliograph.delivery.decisions.answers import Answer, Reject, RetryLater
from heliograph.errors import HeliographError


@pytest.mark.parametrize("copied", [lambda each: pickle.loads(pickle.dumps(each)), copy.copy], ids=["pickle", "copy"])
def test_answers_can_be_copied(copied):
    assert copied(RetryLater(2.5)).seconds == 2.5
    assert copied(Reject("no such order")).reason == "no such order"


def test_an_answer_says_what_it_is():
    assert str(RetryLater(5)) == "asked for again in 5 s"
    assert str(Reject("no such order")) == "no such order"


@pytest.mark.parametrize("answer", [RetryLater(0), Reject("no such order")])
def test_an_answer_is_no_error_of_heliographs(answer):
    assert isinstance(answer, Answer)
    assert not isinstance(answer, HeliographError)


@pytest.mark.parametrize("seconds", [-1, "5", None, True, float("nan"), float("inf"), 31_536_001])
def test_later_is_a_number_of_seconds(seconds):
    with pytest.raises(ValueError, match="RetryLater takes a number of seconds"):
        RetryLater(seconds)


@pytest.mark.parametrize("reason", ["", "  ", None, 7, b"no"])
def test_a_rejection_has_a_reason(reason):
    with pytest.raises(ValueError, match="Reject takes a reason"):
        Reject(reason)
