"""`assert_idempotent` runs a durable receiver twice with an event, and tells what is different then."""

import pytest
from conformance.deliveries import CLERK, answered, deliveries, receiving, send
from conformance.owed import BOTH_WAYS, visits, writing
from django.core import mail
from django.db import transaction
from django.db.models import F
from gallery.models import Bronze, Painting, Visit

from heliograph import current_event
from heliograph.testing import assert_idempotent, deliver


def twice(alias, does, **options):
    """Assert of a receiver that it is idempotent, with one event."""
    with receiving(does, **options) as clerk, assert_idempotent(clerk, using=alias, **IGNORING):
        send(alias, "a")


IGNORING = {}


def fails(alias, does, **options):
    """Return what is said of a receiver that is not idempotent."""
    with pytest.raises(AssertionError) as raised:
        twice(alias, does, **options)
    return str(raised.value)


@BOTH_WAYS
@pytest.mark.parametrize("options", [{}, {"atomic": False}, {"batch": 10}])
def test_one_that_looks_first_is(alias, way, options):
    twice(alias, lambda note, **_: Visit.objects.using(alias).get_or_create(note=note), **options)


@BOTH_WAYS
@pytest.mark.parametrize("options", [{}, {"atomic": False}, {"batch": 10}])
def test_a_row_more(alias, way, options):
    said = fails(alias, writing(alias), **options)
    assert f"{CLERK} is not idempotent: given the event " in said
    assert "of gallery.sent again, it leaves something else:" in said
    assert "\n  gallery.Visit " in said
    assert "added: id=" in said
    assert "note='a', painting_id=None" in said
    assert visits(alias) == []


@BOTH_WAYS
def test_a_row_less(alias, way):
    for note in "bc":
        Visit.objects.using(alias).create(note=note)

    def does(**_):
        Visit.objects.using(alias).order_by("pk").first().delete()

    said = fails(alias, does)
    assert "deleted: id=" in said
    assert "note='c'" in said
    assert "note='b'" not in said
    assert visits(alias) == ["b", "c"]


@BOTH_WAYS
def test_a_row_that_is_different(alias, way):
    bronze = Bronze.objects.using(alias).create(title="horse", weight=3)

    def does(**_):
        Bronze.objects.using(alias).update(weight=F("weight") + 1)

    assert f"\n  gallery.Bronze {bronze.pk}: weight 4 -> 5" in fails(alias, does)
    bronze.refresh_from_db()
    assert bronze.weight == 3


@BOTH_WAYS
def test_an_event_more(alias, way):
    def does(**_):
        answered.send(None, note="b", key=None, using=alias)

    with receiving(lambda **_: None, signals=answered, name="gallery.reader"):
        assert "\n  events of gallery.answered: +1" in fails(alias, does)


@BOTH_WAYS
@pytest.mark.parametrize("atomic", [True, False])
def test_a_mail_more(alias, way, atomic):
    def does(note, **_):
        transaction.on_commit(lambda: mail.outbox.append(mail.EmailMessage(note, to=["eve@example.com"])), using=alias)

    mail.outbox[:] = [mail.EmailMessage("earlier")]
    assert "\n  mail 'a' to eve@example.com: sent again" in fails(alias, does, atomic=atomic)
    assert [each.subject for each in mail.outbox] == ["earlier"]


@BOTH_WAYS
def test_one_that_raises_when_it_gets_it_again(alias, way):
    said = fails(alias, lambda note, **_: Painting.objects.using(alias).create(title=note))
    assert "again, it raises IntegrityError: " in said


@BOTH_WAYS
@pytest.mark.parametrize("options", [{}, {"atomic": False}])
def test_one_that_raises_the_first_time(alias, way, options):
    def does(note, **_):
        raise LookupError(note)

    with pytest.raises(LookupError, match="a"):
        twice(alias, does, **options)


@BOTH_WAYS
def test_a_hook_that_raises(alias, way):
    def hook():
        raise LookupError("nobody there")

    with pytest.raises(LookupError, match="nobody there"):
        twice(alias, lambda **_: transaction.on_commit(hook, using=alias))


@BOTH_WAYS
def test_it_is_the_same_event(alias, way):
    ids = []
    twice(alias, lambda **_: ids.append(current_event().id))
    assert len(ids) == 2
    assert ids[0] == ids[1]


@BOTH_WAYS
def test_what_may_differ(alias, way, monkeypatch):
    painting = Painting.objects.using(alias).create(title="?")

    def does(note, **_):
        Visit.objects.using(alias).create(note=note)
        Painting.objects.using(alias).update(title=f"seen {visits(alias)}")

    assert "title" in fails(alias, does)
    monkeypatch.setitem(IGNORING, "ignoring", ["gallery.Visit", "gallery.Painting.title"])
    twice(alias, does)
    painting.refresh_from_db()
    assert painting.title == "?"


@BOTH_WAYS
def test_the_events_are_still_owed(alias, way):
    with receiving(lambda note, **_: Visit.objects.using(alias).get_or_create(note=note)) as clerk:
        send(alias, "before")
        with assert_idempotent(clerk, using=alias):
            send(alias, "a", "b")
        assert visits(alias) == []
        assert clerk.notes == ["a", "a", "b", "b"]
        assert len(deliver(using=alias)) == 3
        assert deliveries(alias) == []
    assert visits(alias) == ["before", "a", "b"]


@BOTH_WAYS
def test_nothing_was_sent(alias, way):
    with receiving(writing(alias)) as clerk, receiving(lambda **_: None, signals=answered, name="gallery.reader"):
        send(alias, "before")
        nothing = pytest.raises(AssertionError, match=f"Nothing was recorded for {CLERK} within the block")
        with nothing, assert_idempotent(clerk, using=alias):
            send(alias, "to another", signal=answered)


@BOTH_WAYS
def test_an_error_of_the_block_is_raised_as_it_is(alias, way):
    with receiving(writing(alias)) as clerk, pytest.raises(LookupError), assert_idempotent(clerk, using=alias):
        raise LookupError
