"""Values go through JSON and come back as they were."""

import enum
import json
import math
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from django.utils.functional import SimpleLazyObject, lazy
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext_lazy
from hypothesis import given
from hypothesis import strategies as st

from heliograph.events.codec.decode import decode
from heliograph.events.codec.encode import MAX_DEPTH, encode


def through(value):
    """Return a value that has been recorded and read."""
    text = json.dumps(encode(value, argument="value"), allow_nan=False, ensure_ascii=False)
    assert "\\u0000" not in text
    assert text.encode()  # no lone surrogates
    return decode(json.loads(text), "default")


def same(one, other):
    """Tell whether two values are of one type and equal, all the way down; nan is itself."""
    if type(one) is not type(other):
        return False
    if isinstance(one, float | Decimal):
        return str(one) == str(other)
    if isinstance(one, list | tuple):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, dict):
        return all(map(same, one, other)) and all(map(same, one.values(), other.values()))
    return bool(one == other)


TEXTS = st.text(st.characters(exclude_categories=[]))
OFFSETS = st.integers(-86399, 86399).map(lambda seconds: timezone(timedelta(seconds=seconds)))
HASHABLE = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    TEXTS,
    st.floats(allow_nan=False),
    st.decimals(allow_nan=False),
    st.uuids(),
    st.datetimes(timezones=st.none() | OFFSETS),
    st.dates(),
    st.times(timezones=st.none() | OFFSETS),
    st.timedeltas(),
    st.binary(),
)
SCALARS = HASHABLE | st.floats() | st.decimals() | st.binary().map(bytearray)
KEYS = st.from_regex(r"\$?[a-z]{1,8}", fullmatch=True) | HASHABLE


def containers(parts):
    return st.one_of(
        st.lists(parts, max_size=4),
        st.lists(parts, max_size=4).map(tuple),
        st.dictionaries(KEYS, parts, max_size=4),
        st.frozensets(HASHABLE, max_size=4),
        st.sets(HASHABLE, max_size=4),
    )


@given(st.recursive(SCALARS, containers, max_leaves=20))
def test_what_is_sent_comes_back(value):
    assert same(through(value), value)


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (5, 5),
        ("é", "é"),
        (1.5, 1.5),
        ([1, None, True], [1, None, True]),
        ({"a": {"b c": 1}}, {"a": {"b c": 1}}),
        (2**64, {"$int": "0x10000000000000000"}),
        (-math.inf, {"$float": "-inf"}),
        ("\0", {"$str": "AA=="}),
        (Decimal("1.20"), {"$decimal": "1.20"}),
        (UUID(int=1), {"$uuid": "00000000-0000-0000-0000-000000000001"}),
        (datetime(2026, 3, 1, 12, tzinfo=UTC), {"$datetime": "2026-03-01T12:00:00+00:00"}),
        (date(2026, 3, 1), {"$date": "2026-03-01"}),
        (time(12, 30), {"$time": "12:30:00"}),
        (timedelta(-1, 2, 3), {"$timedelta": [-1, 2, 3]}),
        (b"\xff", {"$bytes": "/w=="}),
        (bytearray(b"\xff"), {"$bytearray": "/w=="}),
        ((1,), {"$tuple": [1]}),
        ({1}, {"$set": [1]}),
        (frozenset({1}), {"$frozenset": [1]}),
        ({1: 2}, {"$dict": [[1, 2]]}),
        ({"$a": 2}, {"$dict": [["$a", 2]]}),
        ({"a": 1, "\ud83d": 2}, {"$dict": [["a", 1], [{"$str": "7aC9"}, 2]]}),
    ],
)
def test_the_form_of_each_type(value, written):
    assert encode(value, argument="value") == written
    assert same(through(value), value)


@pytest.mark.parametrize("text", ["\0", "a\0b", "\ud83d", "\ud83d\ude00", "é\ud83d"])
def test_text_that_a_database_would_refuse_survives(text):
    assert through({text: [text]}) == {text: [text]}


def test_an_integer_of_any_length_survives():
    assert through(-(10**5000)) == -(10**5000)


def test_a_moment_keeps_its_offset_from_utc():
    summer = datetime(2026, 7, 1, 12, tzinfo=ZoneInfo("Europe/Vienna"))
    back = through(summer)
    assert back == summer
    assert back.utcoffset() == timedelta(hours=2)


def test_a_memoryview_comes_back_as_bytes():
    assert same(through(memoryview(b"abc")), b"abc")
    assert same(through(memoryview(b"abcd")[::2]), b"ac")


@pytest.mark.parametrize("text", [mark_safe("<b>"), gettext_lazy("Yes"), lazy(lambda: mark_safe("<b>"), str)()])
def test_safe_and_lazy_text_comes_back_as_text(text):
    assert same(through(text), SafeString(text) + "")
    assert same(through({text: 1}), {str(text) + "": 1})


def test_a_lazy_object_counts_as_what_it_wraps():
    assert same(through(SimpleLazyObject(lambda: (1, 2))), (1, 2))


def test_a_lazy_object_that_stands_for_no_text_is_refused():
    with pytest.raises(TypeError, match="cannot be recorded"):
        encode(lazy(lambda: 5, int)(), argument="count")


def nested(depth):
    value = 1
    for _ in range(depth):
        value = [value]
    return value


def test_containers_lie_in_each_other_up_to_a_depth():
    assert through(nested(MAX_DEPTH)) == nested(MAX_DEPTH)
    with pytest.raises(TypeError, match=f"more than {MAX_DEPTH} levels deep"):
        encode(nested(MAX_DEPTH + 1), argument="value")


@pytest.mark.parametrize("wrap", [lambda value: (value,), lambda value: {1: value}, lambda value: {"a": value}])
def test_what_can_be_written_at_the_greatest_depth_can_be_read(wrap):
    value = 1
    for _ in range(MAX_DEPTH):
        value = wrap(value)
    assert through(value) == value


class Colour(enum.Enum):
    RED = object()
    CRIMSON = RED


class Rights(enum.Flag):
    READ = 1
    WRITE = 2


class Loose(enum.IntFlag):
    ONE = 1


@pytest.mark.parametrize("member", [Colour.RED, Rights.READ, Rights.READ | Rights.WRITE, Rights(0), Loose(8)])
def test_a_member_of_an_enumeration_comes_back_as_that_member(member):
    assert through(member) is member
    assert through({member: [member]}) == {member: [member]}
