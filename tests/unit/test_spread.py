"""Events of one key share a partition; the others take turns."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from heliograph.delivery.spread import partition_of
from heliograph.events.keys import key_hash

POSITIONS = st.integers(1, 2**62)
PARTITIONS = st.integers(1, 64)
ORDERINGS = st.sampled_from(["key", "strict", "none"])


@given(
    key=st.text(), one=POSITIONS, other=POSITIONS, partitions=PARTITIONS, ordering=st.sampled_from(["key", "strict"])
)
def test_events_of_one_key_share_a_partition(key, one, other, partitions, ordering):
    found = {
        partition_of(key_hash(key), position=position, partitions=partitions, ordering=ordering)
        for position in (one, other)
    }
    assert len(found) == 1


@given(
    hashed=st.none() | st.integers(0, 2**32 - 1),
    position=POSITIONS,
    partitions=PARTITIONS,
    ordering=ORDERINGS,
)
def test_there_is_a_partition_for_every_event(hashed, position, partitions, ordering):
    assert partition_of(hashed, position=position, partitions=partitions, ordering=ordering) in range(partitions)


@pytest.mark.parametrize(
    ("hashed", "ordering"), [(None, "key"), (None, "strict"), (None, "none"), (key_hash("order 7"), "none")]
)
def test_events_without_a_key_or_an_order_take_turns(hashed, ordering):
    turns = [partition_of(hashed, position=position, partitions=3, ordering=ordering) for position in range(1, 7)]
    assert turns == [1, 2, 0, 1, 2, 0]


def test_the_partition_of_a_key_stays_the_same_for_good():
    # Stored positions depend on it.
    for key in ("", "order 7", "Bestellung für Zoë", "注文"):
        expected = int(hashlib.md5(key.encode("utf-8")).hexdigest()[:8], 16) % 5
        assert partition_of(key_hash(key), position=1, partitions=5, ordering="key") == expected
    assert partition_of(key_hash("order 7"), position=1, partitions=5, ordering="key") == 4


def test_keys_spread_evenly():
    counts = [0] * 8
    for number in range(8000):
        counts[partition_of(key_hash(f"order {number}"), position=1, partitions=8, ordering="key")] += 1
    assert 850 < min(counts) <= max(counts) < 1150
