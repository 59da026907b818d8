"""A bare save of a model whose saving is recorded: the row and its event are one transaction."""

import inspect

import pytest
from asgiref.sync import async_to_sync
from conformance.databases import COMMITTING
from conformance.recordings import durable, recorded, second
from conformance.visits import UndoError, rolled_back
from django.core import serializers
from django.db import connections, models, transaction
from django.db.models.signals import m2m_changed, post_delete, post_save, pre_delete, pre_save
from django.test.utils import CaptureQueriesContext
from gallery.models import Bronze, Painting, Sculpture, SmallPainting, Visit

from heliograph.errors import RecordingError
from heliograph.model_signals.save import install

pytestmark = COMMITTING


@pytest.fixture
def seen():
    """Whether a receiver of each post_save found itself in a transaction."""
    found = []

    def look(using, **kwargs):
        found.append(connections[using].in_atomic_block)

    post_save.connect(look)
    yield found
    post_save.disconnect(look)


@pytest.fixture
def broken():
    """A receiver of post_save that fails."""

    def fail(**kwargs):
        raise UndoError

    post_save.connect(fail)
    yield
    post_save.disconnect(fail)


@pytest.fixture
def unrecordable(monkeypatch):
    """Have nothing recorded any more."""
    monkeypatch.setattr("heliograph.delivery.recording.contents.uuid7", lambda: 1 / 0)


def count(alias, model=Painting):
    return model.objects.using(alias).count()


@pytest.mark.parametrize("signal", [pre_save, post_save])
def test_a_save_that_is_recorded_is_one_transaction(alias, seen, signal):
    with durable(signal, sender=Painting):
        Painting(title="Nocturne").save(using=alias)
    assert seen == [True]
    assert (count(alias), len(recorded(alias))) == (1, 1)
    assert not connections[alias].in_atomic_block


def test_other_saves_are_as_they_are_with_django(alias, seen):
    Painting(title="Nocturne").save(using=alias)
    with durable(post_save, sender=Painting), durable(post_delete, second):
        Visit(note="Nobody records it").save(using=alias)
    assert seen == [False, False]


def test_a_receiver_that_comes_and_goes_is_heeded(alias, seen):
    for turn in range(2):
        Painting(title=f"Before {turn}").save(using=alias)
        with durable(post_save, sender=Painting):
            Painting(title=f"Meanwhile {turn}").save(using=alias)
    assert seen == [False, True] * 2


def test_within_a_transaction_there_is_no_savepoint(alias):
    with durable(post_save, sender=Painting):
        Painting(title="Registers").save(using=alias)
        with transaction.atomic(using=alias), CaptureQueriesContext(connections[alias]) as queries:
            Painting(title="Nocturne").save(using=alias)
    assert len(queries) == 2


def test_a_transaction_that_is_rolled_back_leaves_neither(alias):
    with durable(post_save, sender=Painting), rolled_back(alias):
        Painting(title="Nocturne").save(using=alias)
    assert (count(alias), recorded(alias)) == (0, [])


class TestFailing:
    """A save that does not come off leaves the instance as it was."""

    @pytest.mark.parametrize("model", [Painting, SmallPainting, Bronze])
    def test_when_it_cannot_be_recorded(self, alias, unrecordable, model):
        with durable(post_save):
            instance = model(title="Nocturne")
            with pytest.raises(RecordingError):
                instance.save(using=alias)
        assert (count(alias, model), count(alias, Sculpture)) == (0, 0)
        assert (instance.pk, instance.id, instance._state.adding, instance._state.db) == (None, None, True, None)

    def test_when_a_receiver_fails(self, alias, broken):
        with durable(post_save):
            instance = Painting(title="Nocturne")
            with pytest.raises(UndoError):
                instance.save(using=alias)
        assert (count(alias), recorded(alias)) == (0, [])
        assert (instance.pk, instance._state.adding, instance._state.db) == (None, True, None)

    def test_it_can_be_saved_afterwards(self, alias):
        instance = Bronze(title="Horse")
        post_save.connect(fails_once := FailsOnce())
        try:
            with durable(post_save):
                with pytest.raises(UndoError):
                    instance.save(using=alias)
                instance.save(using=alias)
        finally:
            post_save.disconnect(fails_once)
        assert Bronze.objects.using(alias).get() == instance
        assert len(recorded(alias)) == 1

    def test_a_row_that_was_there_keeps_what_it_is(self, alias):
        instance = Painting.objects.using(alias).create(title="Nocturne")
        pk = instance.pk
        post_save.connect(fails_once := FailsOnce())
        try:
            with durable(post_save), pytest.raises(UndoError):
                instance.save()
        finally:
            post_save.disconnect(fails_once)
        assert (instance.pk, instance._state.adding, instance._state.db) == (pk, False, alias)

    def test_a_key_that_was_given_is_kept(self, alias, unrecordable):
        with durable(post_save):
            instance = Painting(pk=7, title="Nocturne")
            with pytest.raises(RecordingError):
                instance.save(using=alias)
        assert (instance.pk, instance._state.adding) == (7, True)


class FailsOnce:
    """A receiver that fails when it is called first."""

    def __init__(self):
        self._failed = False

    def __call__(self, **kwargs):
        if not self._failed:
            self._failed = True
            raise UndoError


class TestKinds:
    """Every way of saving."""

    def test_asynchronous(self, alias, seen):
        with durable(post_save):
            async_to_sync(Painting(title="Nocturne").asave)(using=alias)
        assert seen == [True]
        assert len(recorded(alias)) == 1

    def test_a_child_with_a_table_of_its_own(self, alias, seen):
        with durable(post_save, sender=Bronze):
            Bronze(title="Horse").save(using=alias)
        assert seen == [True]
        assert (count(alias, Bronze), len(recorded(alias))) == (1, 1)

    def test_a_proxy(self, alias, seen):
        with durable(post_save, sender=SmallPainting):
            SmallPainting(title="Nocturne").save(using=alias)
            Painting(title="Large").save(using=alias)
        assert seen == [True, False]
        assert [event.sender for event in recorded(alias)] == ["gallery.SmallPainting"]

    def test_a_fixture(self, alias, seen):
        (fixture,) = serializers.deserialize(
            "python", [{"model": "gallery.painting", "pk": 1, "fields": {"title": "a"}}]
        )
        with durable(post_save, sender=Painting, raw=True):
            fixture.save(using=alias)
        assert (seen, len(recorded(alias))) == ([True], 1)

    @pytest.mark.parametrize("force_insert", [True, (Painting,)])
    def test_a_forced_insert(self, alias, seen, force_insert):
        with durable(post_save):
            Painting(pk=1, title="Nocturne").save(using=alias, force_insert=force_insert)
        assert (seen, count(alias)) == ([True], 1)

    def test_some_fields(self, alias, seen):
        painting = Painting.objects.using(alias).create(title="Nocturne")
        with durable(post_save):
            painting.save(using=alias, update_fields=["title"])
        assert seen == [False, True]

    def test_save_base_by_hand_with_its_arguments_by_place(self, alias, seen):
        with durable(post_save):
            Painting(pk=1, title="Nocturne").save_base(False, True, False, alias, None)
        assert (seen, count(alias)) == ([True], 1)

    def test_where_the_router_writes(self, alias, seen, settings):
        Router.alias = alias
        settings.DATABASE_ROUTERS = [f"{__name__}.Router"]
        with durable(post_save):
            Painting(title="Nocturne").save()
        assert (seen, len(recorded(alias))) == ([True], 1)

    def test_deletions_and_relations_are_djangos_own_transactions(self, alias):
        with durable([pre_delete, post_delete, m2m_changed]):
            Painting.objects.using(alias).create(title="Nocturne").delete()
        assert len({event.key for event in recorded(alias)}) == 1
        assert len(recorded(alias)) == 2


class Router:
    """Writes to one database."""

    alias = "default"

    def db_for_write(self, model, **hints):
        return self.alias


def test_it_is_installed_once_and_looks_like_djangos():
    wrapped = models.Model.save_base
    install()
    assert models.Model.save_base is wrapped
    assert (wrapped.__name__, wrapped.__qualname__, wrapped.alters_data) == ("save_base", "Model.save_base", True)
    assert list(inspect.signature(wrapped).parameters)[:3] == ["self", "raw", "force_insert"]
    assert wrapped.__doc__ == inspect.unwrap(wrapped).__doc__
