"""The payload as text."""

import json
from decimal import Decimal

import pytest
from gallery.models import Visit

from heliograph.errors import PayloadError
from heliograph.events.codec.payload import decode_payload, encode_payload, loads


def text_of(named, **options):
    return encode_payload("shop.opened", named, **{"max_bytes": 1000, **options})


def test_it_is_short_and_in_ascii():
    assert text_of({"name": "Käthe", "items": [1, 2], "total": Decimal("1.20")}) == (
        '{"name":"K\\u00e4the","items":[1,2],"total":{"$decimal":"1.20"}}'
    )


def test_the_signal_and_the_sender_are_no_part_of_it():
    assert text_of({"signal": object(), "sender": object(), "order": 5}) == '{"order":5}'


def test_it_is_read_from_text_and_from_what_an_event_holds():
    text = text_of({"total": Decimal("1.20")})
    assert loads(text) == {"total": {"$decimal": "1.20"}}
    assert decode_payload(text, "default") == decode_payload(loads(text), "default") == {"total": Decimal("1.20")}


@pytest.mark.parametrize("name", ["$decimal", "$", "a b", "é"])
def test_an_argument_may_have_any_name(name):
    assert decode_payload(text_of({name: "1.20"}), "default") == {name: "1.20"}


@pytest.mark.parametrize("name", ["a\0", "\ud83d"])
def test_but_one_that_a_database_would_refuse(name):
    with pytest.raises(PayloadError, match="has a name that cannot be recorded"):
        text_of({name: 1})


def test_what_cannot_be_recorded_is_refused_by_argument():
    with pytest.raises(PayloadError, match=r"^shop.opened: items\[0\] is of type builtins.object, which") as caught:
        text_of({"order": 5, "items": [object()]})
    assert (caught.value.signal, caught.value.argument) == ("shop.opened", "items")


def test_the_limit_is_inclusive():
    assert len(text_of({"a": "x" * 92}, max_bytes=100)) == 100
    with pytest.raises(PayloadError):
        text_of({"a": "x" * 93}, max_bytes=100)


def test_over_the_limit_the_largest_argument_is_named():
    with pytest.raises(PayloadError) as caught:
        text_of({"order": 5, "items": "x" * 2000})
    assert caught.value.argument == "items"
    assert str(caught.value).startswith(
        'shop.opened: the payload has 2022 bytes, and HELIOGRAPH["MAX_PAYLOAD_BYTES"] allows 1000. '
        "The largest argument is 'items' with 2002 bytes"
    )


def test_the_snapshot_of_an_explicit_payload_counts():
    visit = Visit(pk=1, note="x" * 2000)
    with pytest.raises(PayloadError, match=r"snapshot=\[fields\]"):
        text_of({"visit": visit})
    assert json.loads(text_of({"visit": visit}, snapshot=["painting"]))["visit"]["$model"]["fields"] == {
        "painting_id": None
    }
    assert "fields" not in json.loads(text_of({"visit": visit}, snapshot=False))["visit"]["$model"]
