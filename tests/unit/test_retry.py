"""Waits double up to a bound, and are drawn from their upper half."""

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from heliograph.delivery.decisions.retry import LONGEST_SECONDS, RetryPolicy
from heliograph.errors import ReceiverDeclarationError


def test_the_defaults():
    policy = RetryPolicy()
    assert (policy.max_attempts, policy.base_seconds, policy.max_seconds, policy.jitter) == (12, 1.0, 3600, True)


def test_waits_double_up_to_the_longest():
    policy = RetryPolicy(max_seconds=20, jitter=False)
    assert [policy.wait_seconds(attempt) for attempt in range(1, 8)] == [1, 2, 4, 8, 16, 20, 20]


def test_waits_begin_with_the_base():
    policy = RetryPolicy(base_seconds=0.5, jitter=False)
    assert [policy.wait_seconds(attempt) for attempt in (1, 2, 3)] == [0.5, 1, 2]
    assert RetryPolicy(base_seconds=0).wait_seconds(7) == 0


@pytest.mark.parametrize(("drawn", "wait"), [(0.0, 4), (0.5, 6), (0.999, 7.996)])
def test_jitter_draws_from_the_upper_half(drawn, wait):
    assert RetryPolicy().wait_seconds(4, random=lambda: drawn) == pytest.approx(wait)


def test_without_a_source_of_numbers_waits_differ():
    policy = RetryPolicy()
    assert len({policy.wait_seconds(10) for _ in range(100)}) > 90


@given(
    attempt=st.integers(1, 10**9),
    base=st.floats(0, LONGEST_SECONDS),
    drawn=st.floats(0, 1, exclude_max=True),
)
def test_no_attempt_is_too_many_to_work_out_its_wait(attempt, base, drawn):
    policy = RetryPolicy(base_seconds=base, max_seconds=LONGEST_SECONDS)
    longest = dataclasses.replace(policy, jitter=False).wait_seconds(attempt)
    assert longest / 2 <= policy.wait_seconds(attempt, random=lambda: drawn) <= longest <= LONGEST_SECONDS


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"max_attempts": 0}, "RetryPolicy(max_attempts=0): max_attempts is a whole number from 1"),
        ({"max_attempts": 2.0}, "RetryPolicy(max_attempts=2.0)"),
        ({"max_attempts": True}, "RetryPolicy(max_attempts=True)"),
        ({"max_attempts": None}, "RetryPolicy(max_attempts=None)"),
        ({"base_seconds": -1}, "RetryPolicy(base_seconds=-1): base_seconds is a number of seconds from 0"),
        ({"base_seconds": True}, "RetryPolicy(base_seconds=True)"),
        ({"base_seconds": "1"}, "RetryPolicy(base_seconds='1')"),
        ({"base_seconds": float("nan")}, "RetryPolicy(base_seconds=nan)"),
        ({"max_seconds": 0.5}, "RetryPolicy(max_seconds=0.5): max_seconds is a number of seconds from base_seconds"),
        ({"max_seconds": LONGEST_SECONDS + 1}, f"to {LONGEST_SECONDS}."),
        ({"max_seconds": float("inf")}, "RetryPolicy(max_seconds=inf)"),
        ({"jitter": 1}, "RetryPolicy(jitter=1): jitter is True or False"),
    ],
)
def test_a_policy_that_cannot_work_is_refused(given, told):
    with pytest.raises(ReceiverDeclarationError) as refused:
        RetryPolicy(**given)
    assert told in str(refused.value)
