"""What recording keeps at its edges: whom it wakes, what it warns of and from where, what goes with an event."""

import logging
import warnings
from datetime import UTC, datetime
from functools import partial
from uuid import UUID

import pytest
from asgiref.sync import async_to_sync
from conformance.databases import COMMITTING
from conformance.recordings import being_handled, durable, first, headers, opened, recorded, second, third
from django.db import connections, transaction
from django.db.models.signals import m2m_changed, post_save
from django.test.utils import CaptureQueriesContext
from gallery.models import Painting

from heliograph import muted
from heliograph.delivery.recording.wake import woken
from heliograph.errors import AutocommitWarning, PayloadError
from heliograph.events.event import Event

pytestmark = COMMITTING

SECOND, THIRD = (f"{each.__module__}.{each.__name__}" for each in (second, third))


@pytest.fixture(autouse=True)
def durable_first():
    with durable(opened):
        yield


@pytest.fixture(autouse=True)
def _told_nothing_yet(monkeypatch):
    monkeypatch.setattr("heliograph.delivery.recording.autocommit._told", set())


def test_nobody_is_woken_for_what_nobody_wants(alias):
    with durable(post_save, second), woken(alias) as news, transaction.atomic(using=alias):
        Painting(pk=1, title="Fixture").save_base(raw=True, using=alias)
    assert not news.is_set()


def test_a_warning_that_is_an_error_is_raised_as_itself(alias):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(AutocommitWarning):
            opened.send(None, using=alias)
    assert recorded(alias) == []


def test_a_place_is_warned_of_once_where_all_warnings_are_shown(alias):
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        for _ in range(3):
            opened.send(None, using=alias)
    assert [each.category for each in told] == [AutocommitWarning]


def test_a_transaction_begun_by_hand_is_one(alias):
    connection = connections[alias]
    connection.set_autocommit(False)
    try:
        opened.send(None, using=alias)  # registers; a warning would be an error here
        opened.send(None, using=alias)
        connection.rollback()
    finally:
        connection.set_autocommit(True)
    assert recorded(alias) == []


@pytest.mark.filterwarnings("default")
def test_a_warning_names_the_place_of_the_projects_code(alias, recwarn):
    @transaction.atomic(using=alias)
    def hooked():
        transaction.on_commit(partial(opened.send, None, using=alias), using=alias)

    async def awaited():
        await opened.asend(None, using=alias)

    hooked()
    async_to_sync(awaited)()
    told = [each.filename for each in recwarn if each.category is AutocommitWarning]
    assert told == [__file__] * 2


def test_those_who_are_muted_and_those_who_do_not_want_a_fixture_are_both_named(alias):
    with (
        durable(post_save, second),
        durable(post_save),
        durable(post_save, third, raw=True),
        muted(second),
        transaction.atomic(using=alias),
    ):
        Painting(pk=1, title="Fixture").save_base(raw=True, using=alias)
    assert headers(*recorded(alias))["muted"] == [SECOND, f"{first.__module__}.first"]


def test_only_djangos_own_saves_are_fixtures(alias):
    with transaction.atomic(using=alias):
        opened.send(None, raw=True, using=alias)
    assert len(recorded(alias)) == 1


def test_an_event_tells_the_last_causes_of_its_cause(alias):
    for inherited in (["gallery.opened 0"], [f"gallery.opened {each}" for each in range(8)]):
        with being_handled(_cause(alias, inherited)), transaction.atomic(using=alias):
            opened.send(None, using=alias)
    one, many = (headers(event)["causes"] for event in recorded(alias))
    cause = f"gallery.opened {UUID(int=7)}"
    assert one == ["gallery.opened 0", cause]
    assert many == [*(f"gallery.opened {each}" for each in range(1, 8)), cause]


def _cause(alias, causes):
    return Event(
        id=UUID(int=7),
        signal="gallery.opened",
        sender=None,
        key=None,
        payload={},
        headers={"hops": len(causes), "causes": causes},
        sent_at=datetime.now(UTC),
        alias=alias,
    )


def test_changed_relations_have_the_key_of_their_row(alias):
    with durable(m2m_changed, second), transaction.atomic(using=alias):
        m2m_changed.send(Painting, instance=Painting(pk=5), action="post_add", using=alias)
    assert [event.key for event in recorded(alias)] == ["gallery.Painting:5"]


def test_a_payload_over_the_projects_limit_is_refused(alias, settings):
    settings.HELIOGRAPH = {"MAX_PAYLOAD_BYTES": 2000}
    with transaction.atomic(using=alias):
        opened.send(None, note="x" * 1000, using=alias)
    with pytest.raises(PayloadError), transaction.atomic(using=alias):
        opened.send(None, note="x" * 2000, using=alias)
    assert len(recorded(alias)) == 1


def test_no_worker_is_notified_from_within_a_transaction(alias):
    """Tests call the hooks of transactions that they roll back."""
    connection = connections[alias]
    with transaction.atomic(using=alias), woken(alias) as news:
        opened.send(None, using=alias)
        with CaptureQueriesContext(connection) as queries:
            for _, hook, *_ in list(connection.run_on_commit):
                hook()
        assert news.is_set()
    assert [each for each in queries if "pg_notify" in each["sql"]] == []


def test_a_database_that_cannot_notify_is_not_asked_to(alias, caplog):
    with caplog.at_level(logging.WARNING, "heliograph.wake"), transaction.atomic(using=alias):
        opened.send(None, using=alias)
    assert caplog.text == ""


def test_a_primary_key_given_as_text_stays_the_same_key_where_the_row_is_there(alias):
    Painting.objects.using(alias).create(pk=7, title="Nocturne")
    with durable(post_save, second):
        Painting(pk="07", title="By day").save(using=alias)
    assert [event.key for event in recorded(alias)] == ["gallery.Painting:7"]
