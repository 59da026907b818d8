"""Events of one key share a partition; the others take turns."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from heliograph.delivery.decisions.spread import spread_of

POSITIONS = st.integers(1, 2**62)
PARTITIONS = st.integers(1, 64)
ORDERINGS = st.sampled_from(["key", "strict", "none"])


def partition_of(key, position, partitions, ordering):
    return spread_of(key, position, ordering) % partitions


@given(
    key=st.text(), one=POSITIONS, other=POSITIONS, partitions=PARTITIONS, ordering=st.sampled_from(["key", "strict"])
)
def test_events_of_one_key_share_a_partition(key, one, other, partitions, ordering):
    assert partition_of(key, one, partitions, ordering) == partition_of(key, other, partitions, ordering)


@given(key=st.none() | st.text(), position=POSITIONS, partitions=PARTITIONS, ordering=ORDERINGS)
def test_there_is_a_partition_for_every_event(key, position, partitions, ordering):
    assert partition_of(key, position, partitions, ordering) in range(partitions)


@pytest.mark.parametrize(("key", "ordering"), [(None, "key"), (None, "strict"), (None, "none"), ("order 7", "none")])
def test_events_without_a_key_or_an_order_take_turns(key, ordering):
    assert [partition_of(key, position, 3, ordering) for position in range(1, 7)] == [1, 2, 0, 1, 2, 0]


def test_the_partition_of_a_key_stays_the_same_for_good():
    # Stored positions depend on it.
    for key in ("", "order 7", "Bestellung für Zoë", "注文"):
        expected = int(hashlib.md5(key.encode("utf-8")).hexdigest()[:8], 16) % 5
        assert partition_of(key, 1, 5, "key") == expected
    assert partition_of("order 7", 1, 5, "key") == 4


def test_keys_spread_evenly():
    counts = [0] * 8
    for number in range(8000):
        counts[partition_of(f"order {number}", 1, 8, "key")] += 1
    assert 850 < min(counts) <= max(counts) < 1150
