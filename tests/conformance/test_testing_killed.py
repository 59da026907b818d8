"""`killed` lets a worker process die at a chosen point, and another one take over."""

import importlib

import pytest
from conformance.databases import COMMITTING
from conformance.deliveries import deliveries
from conformance.owed import visits

from heliograph.delivery.declaration.registry import undeclare
from heliograph.errors import ReceiverDeclarationError, TransactionError, UnsupportedDatabaseError
from heliograph.models import Worker
from heliograph.testing import killed
from heliograph.testing.points import Point

RECEIVERS = ("gallery.porter", "gallery.messenger", "gallery.bookkeeper")
POINTS = pytest.mark.parametrize("at", [each.value for each in Point])


@pytest.fixture
def survivors():
    """Have the receivers declared meanwhile."""
    module = importlib.reload(importlib.import_module("conformance.survivors"))
    yield module
    for name in RECEIVERS:
        undeclare(name)


def of(name, alias):
    """What one receiver has written."""
    return [note.partition(" ")[2] for note in visits(alias) if note.startswith(f"{name} ")]


def others_are_done(name, alias, notes):
    for other in {each.removeprefix("gallery.") for each in RECEIVERS} - {name}:
        assert of(other, alias) == notes


@COMMITTING
@POINTS
@pytest.mark.parametrize("name", ["porter", "bookkeeper"])
def test_what_is_atomic_is_done_once(survivors, lasting_alias, name, at):
    survivors.knock(lasting_alias, "a", "b", "c")
    with killed(getattr(survivors, name), at=at, using=lasting_alias):
        assert visits(lasting_alias) == []
        assert Worker.objects.using(lasting_alias).count() == 1  # it could not sign off
    assert of(name, lasting_alias) == ["a", "b", "c"]
    others_are_done(name, lasting_alias, ["a", "b", "c"])
    assert deliveries(lasting_alias) == []


@COMMITTING
@pytest.mark.parametrize(
    ("at", "in_between", "at_last"),
    [
        ("before the receiver", [], ["a", "b"]),
        ("after its effect", ["a"], ["a", "a", "b"]),
        ("before the acknowledgement", ["a"], ["a", "a", "b"]),
    ],
)
def test_what_is_not_atomic_is_done_again(survivors, lasting_alias, at, in_between, at_last):
    survivors.knock(lasting_alias, "a", "b")
    with killed("gallery.messenger", at=at, using=lasting_alias):
        assert of("messenger", lasting_alias) == in_between
    assert of("messenger", lasting_alias) == at_last
    others_are_done("messenger", lasting_alias, ["a", "b"])


@COMMITTING
@pytest.mark.parametrize(("name", "notes"), [("porter", "a"), ("messenger", "ab")])
def test_a_point_that_is_never_come_to(survivors, lasting_alias, name, notes):
    survivors.knock(lasting_alias, *notes)
    said = "did not come to 'mid-batch'. That takes two events that share a transaction"
    with (
        pytest.raises(AssertionError, match=said),
        killed(getattr(survivors, name), at="mid-batch", using=lasting_alias),
    ):
        raise LookupError("the block is not for this")


@COMMITTING
def test_nothing_is_owed(survivors, lasting_alias):
    nothing = pytest.raises(AssertionError, match=r"Is an event owed to it, and due\?")
    with nothing, killed(survivors.porter, at="before the receiver", using=lasting_alias):
        raise LookupError("the block is not for this")


@COMMITTING
def test_an_error_of_the_block_is_raised_as_it_is(survivors, lasting_alias):
    survivors.knock(lasting_alias, "a")
    with pytest.raises(LookupError), killed(survivors.porter, at="before the receiver", using=lasting_alias):
        raise LookupError
    assert visits(lasting_alias) == []


@COMMITTING
def test_a_worker_that_cannot_import_the_receiver(survivors, lasting_alias, monkeypatch):
    survivors.knock(lasting_alias, "a")
    monkeypatch.setattr(survivors.porter, "__module__", "nowhere.to.be.found")
    ended = pytest.raises(AssertionError, match=r"ended by itself \(1\):(?s:.*)No module named 'nowhere'")
    with ended, killed(survivors.porter, at="before the receiver", using=lasting_alias):
        pass


@pytest.mark.django_db(databases="__all__")
def test_a_test_that_does_not_commit(survivors, lasting_alias):
    refused = pytest.raises(TransactionError, match="TransactionTestCase in place of TestCase")
    with refused, killed(survivors.porter, at="before the receiver", using=lasting_alias):
        pass


@COMMITTING
def test_a_database_in_memory(survivors):
    refused = pytest.raises(UnsupportedDatabaseError, match=r'DATABASES\[\'default\'\]\["TEST"\] = ')
    with refused, killed(survivors.porter, at="before the receiver"):
        pass


@COMMITTING
def test_settings_that_no_process_can_find(survivors, lasting_alias, monkeypatch):
    monkeypatch.delenv("DJANGO_SETTINGS_MODULE")
    refused = pytest.raises(RuntimeError, match="DJANGO_SETTINGS_MODULE")
    with refused, killed(survivors.porter, at="before the receiver", using=lasting_alias):
        pass


@COMMITTING
def test_a_receiver_that_is_not_durable(survivors):
    with pytest.raises(ReceiverDeclarationError), killed(survivors.knock, at="before the receiver"):
        pass


def test_a_point_that_there_is_not(survivors):
    with pytest.raises(ValueError, match="Did you mean 'mid-batch'"), killed(survivors.porter, at="mid batch"):
        pass
    with pytest.raises(ValueError, match="There are: 'before the receiver', "), killed(survivors.porter, at="?"):
        pass
