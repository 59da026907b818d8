"""What goes with an event beside what was sent."""

from datetime import UTC, datetime
from uuid import UUID

import pytest
from conformance.databases import COMMITTING
from conformance.recordings import being_handled, durable, first, headers, opened, recorded, second, third
from django.db import transaction
from django.db.models.signals import post_save
from gallery.models import Painting

from heliograph import muted
from heliograph.events.event import Event

pytestmark = COMMITTING


@pytest.fixture(autouse=True)
def durable_first():
    with durable(opened):
        yield


def caused_by(alias, hops):
    """Let what is sent in a block be caused by an event with so many hops."""
    event = Event(
        id=UUID("00000000-0000-7000-8000-000000000000"),
        signal="gallery.opened",
        sender=None,
        key=None,
        payload={},
        headers={"hops": hops} if hops else {},
        sent_at=datetime.now(UTC),
        alias=alias,
    )
    return being_handled(event)


def test_receivers_that_are_muted_are_named(alias):
    with durable(opened, second), muted(second), transaction.atomic(using=alias):
        opened.send(None, using=alias)
    (event,) = recorded(alias)
    assert headers(event) == {"muted": [f"{second.__module__}.second"]}


def test_receivers_of_other_senders_are_not(alias):
    with durable(opened, second, sender=Painting), muted(second), transaction.atomic(using=alias):
        opened.send(None, using=alias)
    assert headers(*recorded(alias)) == {}


def test_nothing_is_recorded_when_all_are_muted(alias):
    with muted(first), transaction.atomic(using=alias):
        opened.send(None, using=alias)
    with muted(opened), transaction.atomic(using=alias):
        opened.send(None, using=alias)
    assert recorded(alias) == []


def test_an_event_that_another_caused_counts_the_hops(alias):
    for hops in (0, 1, 40):
        with caused_by(alias, hops), transaction.atomic(using=alias):
            opened.send(None, using=alias)
    found = [headers(event) for event in recorded(alias)]
    assert [each["hops"] for each in found] == [1, 2, 41]
    assert {each["cause"] for each in found} == {"00000000-0000-7000-8000-000000000000"}


def test_fixtures_are_for_those_that_ask(alias):
    with durable(post_save, second), transaction.atomic(using=alias):
        Painting(pk=1, title="Fixture").save_base(raw=True, using=alias)
    assert recorded(alias) == []
    with durable(post_save, second), durable(post_save, third, raw=True), transaction.atomic(using=alias):
        Painting(pk=1, title="Fixture").save_base(raw=True, using=alias)
    assert headers(*recorded(alias)) == {"muted": [f"{second.__module__}.second"]}
