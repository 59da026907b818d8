"""What receivers ask to be recorded."""

import pytest
from conformance.databases import COMMITTING
from conformance.recordings import (
    closed,
    durable,
    recorded_arguments,
    second,
    send,
    third,
)
from gallery.models import Bronze

from heliograph.errors import RecordingError

pytestmark = COMMITTING


def test_a_receivers_own_payload_is_recorded(alias):
    with durable(closed, second, payload=lambda note, **_: {"length": len(note)}):
        send(closed, alias, note="four")
    assert recorded_arguments(alias) == [{"length": 4}]


def test_a_payload_that_is_none_is_refused(alias):
    with durable(closed, second, payload=lambda **_: 3), pytest.raises(RecordingError, match="dictionary"):
        send(closed, alias)


def test_receivers_with_different_payloads_are_told(alias):
    with (
        durable(closed, second, payload=lambda **_: {}),
        durable(closed, third),
        pytest.raises(RecordingError, match="different payload"),
    ):
        send(closed, alias)


@pytest.mark.parametrize(
    ("one", "other", "wanted"),
    [
        (["title"], False, ["title"]),
        (["title"], ["weight"], ["title", "weight"]),
        (["weight"], True, ["title", "weight"]),
    ],
)
def test_a_snapshot_has_what_any_receiver_asks_for(alias, one, other, wanted):
    with durable(closed, second, snapshot=one), durable(closed, third, snapshot=other):
        send(closed, alias, bronze=Bronze(pk=1, title="Horse", weight=2))
    (sent,) = recorded_arguments(alias)
    assert sorted(name for name in ("title", "weight") if f"'{name}'" in str(sent["bronze"])) == wanted
