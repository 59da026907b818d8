"""When an event cannot be recorded, the change is not committed."""

import contextlib

import pytest
from conformance.databases import COMMITTING
from conformance.recordings import (
    durable,
    first,
    opened,
    recorded,
    second,
)
from conformance.visits import visit, visits
from django.db import connections, transaction
from django.db.models.signals import post_save
from gallery.models import Painting

from heliograph.errors import PayloadError, RecordingError, UnsupportedDatabaseError

pytestmark = COMMITTING


@pytest.fixture(autouse=True)
def durable_first():
    with durable(opened):
        yield


def test_the_error_names_signal_receivers_and_reason(alias, monkeypatch):
    monkeypatch.setattr("heliograph.delivery.recording.contents.uuid7", lambda: 1 / 0)
    with pytest.raises(RecordingError) as caught, transaction.atomic(using=alias):
        opened.send(None, using=alias)
    assert (caught.value.signal, caught.value.receivers) == ("gallery.opened", (f"{first.__module__}.first",))
    assert isinstance(caught.value.__cause__, ZeroDivisionError)
    assert all(part in str(caught.value) for part in ("gallery.opened", ".first", "division by zero"))


def test_an_error_that_is_swallowed_commits_nothing(alias):
    with transaction.atomic(using=alias):
        visit(alias, "with the change")
        with pytest.raises(PayloadError):
            opened.send(None, note=object(), using=alias)
    assert (visits(alias), recorded(alias)) == ([], [])


def test_a_robust_sending_that_cannot_be_recorded_commits_nothing(alias):
    with transaction.atomic(using=alias):
        visit(alias, "with the change")
        with contextlib.suppress(PayloadError):
            opened.send_robust(None, note=object(), using=alias)
    assert (visits(alias), recorded(alias)) == ([], [])


def test_a_foreign_robust_sending_that_cannot_be_recorded_commits_nothing(alias, monkeypatch):
    monkeypatch.setattr("heliograph.delivery.recording.contents.uuid7", lambda: 1 / 0)
    with durable(post_save, second, sender=Painting), transaction.atomic(using=alias):
        visit(alias, "with the change")
        post_save.send_robust(Painting, instance=Painting(pk=1), using=alias)
    assert (visits(alias), recorded(alias)) == ([], [])


def test_an_error_of_the_database_commits_nothing(alias):
    with connections[alias].cursor() as cursor:
        cursor.execute("alter table heliograph_event rename to elsewhere")
    try:
        with transaction.atomic(using=alias):
            visit(alias, "with the change")
            with pytest.raises(RecordingError, match=r"manage\.py migrate"):
                opened.send(None, using=alias)
        assert visits(alias) == []
    finally:
        with connections[alias].cursor() as cursor:
            cursor.execute("alter table elsewhere rename to heliograph_event")


def test_an_interrupt_commits_nothing(alias, monkeypatch):
    def interrupt():
        raise KeyboardInterrupt

    monkeypatch.setattr("heliograph.delivery.recording.contents.uuid7", interrupt)
    with transaction.atomic(using=alias):
        visit(alias, "with the change")
        with pytest.raises(KeyboardInterrupt):
            opened.send(None, using=alias)
    assert visits(alias) == []


def test_an_alias_that_cannot_be_told_commits_nothing(alias, monkeypatch):
    monkeypatch.setattr("heliograph.delivery.recording.recorder.alias_of", lambda *_: 1 / 0)
    with transaction.atomic(using=alias):
        visit(alias, "with the change")
        with pytest.raises(RecordingError):
            opened.send(None)
    assert visits(alias) == []


def test_a_signal_without_a_name_names_the_remedy(alias, monkeypatch):
    monkeypatch.setattr(opened, "_name", None)
    monkeypatch.setattr("heliograph.delivery.declaration.signal_names.signal_name", lambda _: None)
    with pytest.raises(RecordingError, match="name="), transaction.atomic(using=alias):
        opened.send(None, using=alias)


def test_a_database_that_a_router_keeps_heliograph_out_of_is_told(alias, settings):
    settings.DATABASE_ROUTERS = [f"{__name__}.Router"]
    with transaction.atomic(using=alias):
        visit(alias, "with the change")
        with pytest.raises(UnsupportedDatabaseError, match="allow_migrate"):
            opened.send(None, using=alias)
    assert visits(alias) == []


class Router:
    """Keeps heliograph out of every database."""

    def allow_migrate(self, db, app_label, **hints):
        return app_label != "heliograph"
