"""Whatever a row says, reading it gives a value or the one error."""

import enum
import sys
from contextlib import suppress
from types import ModuleType

import pytest
from django.db import models
from hypothesis import given
from hypothesis import strategies as st

from heliograph.errors import PayloadDecodeError
from heliograph.events.codec.decode import decode
from heliograph.events.codec.encode import MAX_DEPTH
from heliograph.events.codec.payload import decode_payload, loads
from heliograph.events.codec.scalars import TAGS
from heliograph.events.codec.senders import decode_sender


class Level(enum.IntEnum):
    LOW = 1


class Rights(enum.Flag):
    READ = 1


class NotAnEnumeration:
    LOW = 1
    __members__ = {"LOW": 1}  # noqa: RUF012


HERE = __name__
TAG_NAMES = [*TAGS, "$model", "$class", "$dict", "$tuple", "$set", "$frozenset", "$enum", "$flag", "$field", "$"]


@pytest.mark.parametrize(
    "written",
    [
        {"$unknown": 1},
        {"$": 1},
        {"$decimal": "1", "more": 1},
        {"more": 1, "$decimal": "1"},
        {"$field": "1"},
        {"$decimal": "abc"},
        {"$decimal": 1.5},
        {"$decimal": None},
        {"$uuid": "1"},
        {"$datetime": "yesterday"},
        {"$date": "2026-13-01"},
        {"$time": "25:00"},
        {"$timedelta": [1]},
        {"$timedelta": ["1", 2, 3]},
        {"$timedelta": [10**12, 0, 0]},
        {"$bytes": "%"},
        {"$bytes": "é"},
        {"$str": "AA"},
        {"$str": "/w=="},
        {"$int": "12x"},
        {"$float": "much"},
        {"$tuple": {}},
        {"$tuple": "ab"},
        {"$set": [[1]]},
        {"$set": 1},
        {"$frozenset": [{"a": 1}]},
        {"$dict": {"ab": 1}},
        {"$dict": [1]},
        {"$dict": [[1, 2, 3]]},
        {"$dict": [[[], 2]]},
        {"$dict": 7},
        {"$enum": "LOW"},
        {"$enum": [f"{HERE}.Level"]},
        {"$enum": [f"{HERE}.Level", "HIGH"]},
        {"$enum": [f"{HERE}.Level", "mro"]},
        {"$enum": [f"{HERE}.Level", ["LOW"]]},
        {"$enum": [f"{HERE}.NotAnEnumeration", "LOW"]},
        {"$enum": [f"{HERE}.pytest", "LOW"]},
        {"$enum": [f"{HERE}.enum.Enum", "LOW"]},
        {"$enum": ["os.system", "LOW"]},
        {"$enum": ["", "LOW"]},
        {"$enum": ["." * 10_000_000, "LOW"]},
        {"$flag": [f"{HERE}.Level", 1]},
        {"$flag": [f"{HERE}.Rights", 64]},
        {"$flag": [f"{HERE}.Rights", "READ"]},
        {"$flag": [f"{HERE}.Rights", {}]},
        {"$class": "gallery.Nothing"},
        {"$class": "gallery"},
        {"$class": "gallery.a.b"},
        {"$class": None},
        {"$model": 1},
        {"$model": {}},
        {"$model": {"label": "gallery.Nothing", "pk": 1}},
        {"$model": {"label": ["gallery.Painting"], "pk": 1}},
        {"$model": {"label": "gallery.Painting", "pk": [1]}},
        {"$model": {"label": "gallery.Painting", "pk": {"a": 1}}},
        {"$model": {"label": "gallery.Painting", "pk": None}},
        {"$model": {"label": "gallery.Painting", "pk": None, "fields": "all"}},
        {"$model": {"label": "gallery.Painting", "pk": None, "fields": {"title": {"$nope": 1}}}},
        {"$model": {"label": "gallery.Bronze", "pk": None, "fields": {"weight": {"$field": "heavy"}}}},
        {"$model": {"label": "gallery.Bronze", "pk": None, "fields": {"weight": {"$field": [1]}}}},
    ],
    ids=lambda written: str(written)[:60],
)
def test_a_malformed_value_gives_the_error(written):
    for value in (written, [written], {"a": written}, {"$tuple": [written]}):
        with pytest.raises(PayloadDecodeError, match=r"^The value cannot be read: .*\.$"):
            decode(value, "default")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda parts: (
        st.lists(parts, max_size=3)
        | st.dictionaries(st.sampled_from(TAG_NAMES), parts, min_size=1, max_size=1)
        | st.dictionaries(st.sampled_from([*TAG_NAMES, "label", "pk", "fields"]), parts, max_size=3)
    ),
)


@given(JSON)
def test_anything_gives_a_value_or_the_error(written):
    with suppress(PayloadDecodeError):
        decode(written, "default")


@pytest.mark.parametrize("text", ["", "[]", "1", "null", "{", "\0", '{"a":NaN}', '{"a":-Infinity}', '{"a":"\ud83d'])
def test_text_that_is_no_payload_gives_the_error(text):
    for read in (loads, lambda text: decode_payload(text, "default")):
        with pytest.raises(PayloadDecodeError, match="The payload is not"):
            read(text)


@pytest.mark.parametrize("text", ['{"a":' * 100_000, '{"a":' + "[" * 100_000, '{"a":1' + "0" * 10_000 + "}"])
def test_text_that_would_break_the_reader_gives_the_error(text):
    with pytest.raises(PayloadDecodeError):
        loads(text)


class Strict(models.Model):
    """A model whose own code does not take everything."""

    note = models.CharField(max_length=10)

    class Meta:
        app_label = "gallery"

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.note.upper()


class Swappable(models.Model):
    """A model that another may stand in for."""

    class Meta:
        app_label = "gallery"
        swappable = "GALLERY_SWAPPABLE_MODEL"


def test_a_value_that_the_models_own_code_does_not_take_gives_the_error():
    reference = {"label": "gallery.Strict", "pk": None, "fields": {"note": 5}}
    with pytest.raises(PayloadDecodeError, match=r"gallery.Strict cannot be made from the snapshot: 'int' object has"):
        decode({"$model": reference}, "default")


def test_a_model_that_is_swapped_out_gives_the_error(settings):
    reference = {"$model": {"label": "gallery.Swappable", "pk": None, "fields": {}}}
    assert isinstance(decode(reference, "default"), Swappable)
    settings.GALLERY_SWAPPABLE_MODEL = "gallery.Visit"
    with pytest.raises(PayloadDecodeError, match=r"no model goes by the label 'gallery.Swappable'"):
        decode(reference, "default")


@pytest.mark.parametrize(("opens", "closes"), [("[", "]"), ('{"a":', "}"), ('{"$tuple":[', "]}"), ('{"$set":[', "]}")])
def test_deep_nesting_gives_the_error(opens, closes):
    deep = MAX_DEPTH + 2
    with pytest.raises(PayloadDecodeError, match="'a' cannot be read: it is nested more than"):
        decode_payload('{"a":' + opens * deep + "1" + closes * deep + "}", "default")


@pytest.mark.parametrize("tag", ["$tuple", "$dict", "$set", "$model", "$decimal"])
def test_tags_within_tags_give_the_error(tag):
    with pytest.raises(PayloadDecodeError):
        decode_payload('{"a":' + f'{{"{tag}":' * 300 + "1" + "}" * 301, "default")


def test_the_error_names_the_argument():
    with pytest.raises(PayloadDecodeError, match=r"^The argument 'order' cannot be read: \$uuid cannot be 'x'\.$"):
        decode_payload('{"a":1,"order":{"$uuid":"x"}}', "default")


def test_the_error_shows_no_more_than_a_line_of_the_row():
    with pytest.raises(PayloadDecodeError) as caught:
        decode({"$uuid": "x" * 100_000}, "default")
    assert len(str(caught.value)) < 250


def test_nothing_is_imported_for_a_row():
    unloaded = "this"
    assert unloaded not in sys.modules
    with pytest.raises(PayloadDecodeError, match="in the modules that are loaded"):
        decode({"$enum": [f"{unloaded}.s", "A"]}, "default")
    with pytest.raises(PayloadDecodeError):
        decode_sender(f"{unloaded}:s")
    assert unloaded not in sys.modules


def test_no_code_of_a_module_runs_for_a_row(monkeypatch):
    asked = []

    class Watching(ModuleType):
        def __getattribute__(self, name):
            asked.append(name)
            return super().__getattribute__(name)

    module = Watching("watching")
    module.__getattr__ = asked.append
    monkeypatch.setitem(sys.modules, "watching", module)
    asked.clear()
    with pytest.raises(PayloadDecodeError):
        decode({"$enum": ["watching.Level", "LOW"]}, "default")
    assert asked == []


@pytest.mark.parametrize("sender", ["", ".", "a.b", "a.b.c", "gallery.Nothing", '"', '"a" "b"', '"\\ud8', "os:system"])
def test_a_sender_that_is_not_there_gives_the_error(sender):
    with pytest.raises(PayloadDecodeError, match="The sender cannot be read: "):
        decode_sender(sender)
