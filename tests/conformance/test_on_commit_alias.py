"""Which database's commit `on_commit=True` waits for: the rules of the event's alias, one by one."""

from contextlib import ExitStack
from types import SimpleNamespace

import pytest
from conformance.databases import COMMITTING
from conformance.visits import rolled_back
from django.db import connections, transaction
from django.db.models.signals import post_save
from django.test import override_settings
from django.utils.functional import SimpleLazyObject
from gallery.models import Painting, SmallPainting, Visit

from heliograph import Signal, receiver

pytestmark = COMMITTING


@pytest.fixture
def opened():
    signal = Signal()

    @receiver(signal, on_commit=True, weak=False)
    def after(**kwargs): ...

    return signal


def waited_for(send, *args, **named):
    """The aliases whose commit a sending waits for, while a transaction is open on each database."""
    with ExitStack() as blocks:
        for alias in connections:
            blocks.enter_context(rolled_back(alias))
        send(*args, **named)
        return [alias for alias in connections if connections[alias].run_on_commit]


def of(alias):
    """An instance that comes from a database."""
    painting = Painting(title="Nocturne")
    painting._state.db = alias
    return painting


class ToArchive:
    """A router that writes everything into one database."""

    def db_for_write(self, model, **hints):
        return "archive"


class ReadsOnly:
    """A router that has no opinion on writing."""

    def db_for_read(self, model, **hints):
        return "archive"


class ByTitle:
    """A router that writes each painting into the database it is called after, and has no opinion on others."""

    def db_for_write(self, model, *, instance=None, **hints):
        return getattr(instance, "title", None)


def test_it_is_the_alias_that_is_sent_as_using(opened, alias):
    assert waited_for(opened.send, Painting, using=alias, instance=of("archive")) == [alias]


def test_else_it_is_the_alias_that_the_instances_sent_come_from_where_there_is_no_router(opened, alias):
    assert waited_for(opened.send, None, painting=of(alias), other=of(alias), count=1) == [alias]


def test_an_instance_that_comes_from_nowhere_yet_has_no_say(opened, alias):
    assert waited_for(opened.send, None, painting=of(alias), new=Painting()) == [alias]


def test_a_lazy_object_is_not_evaluated_and_has_no_say(opened, alias):
    def evaluated():
        raise AssertionError("evaluated")

    assert waited_for(opened.send, None, painting=of(alias), lazy=SimpleLazyObject(evaluated)) == [alias]


def test_an_instance_that_is_the_sender_counts_too(opened, alias):
    assert waited_for(opened.send, of(alias)) == [alias]


def test_using_that_is_none_is_as_good_as_not_sent(opened, alias):
    assert waited_for(opened.send, None, using=None, painting=of(alias)) == [alias]


@pytest.mark.parametrize("using", ["stripe", "", 7])
def test_using_that_names_no_database_is_as_good_as_not_sent(opened, alias, using):
    assert waited_for(opened.send, None, using=using, painting=of(alias)) == [alias]


@pytest.mark.parametrize("sender", [Painting, SmallPainting])
def test_else_it_is_where_the_router_writes_the_model_that_is_the_sender(opened, sender):
    with override_settings(DATABASE_ROUTERS=[ToArchive()]):
        assert waited_for(opened.send, sender, painting=Painting()) == ["archive"]


def test_instances_from_different_databases_leave_it_to_the_router(opened):
    with override_settings(DATABASE_ROUTERS=[ToArchive()]):
        assert waited_for(opened.send, Painting, one=of("default"), other=of("elsewhere")) == ["archive"]


def test_an_instance_belongs_where_the_router_writes_it_whatever_it_was_read_from(opened, alias):
    with override_settings(DATABASE_ROUTERS=[ByTitle()]):
        painting = of("archive")
        painting.title = alias
        assert waited_for(opened.send, Visit, painting=painting) == [alias]


def test_else_to_where_it_comes_from_if_no_router_has_an_opinion(opened, alias):
    with override_settings(DATABASE_ROUTERS=[ReadsOnly(), ByTitle()]):
        painting = of(alias)
        painting.title = ""
        assert waited_for(opened.send, None, painting=painting, new=Visit()) == [alias]


def test_what_the_router_says_of_one_that_is_not_saved_counts(opened):
    with override_settings(DATABASE_ROUTERS=[ByTitle()]):
        new = Painting(title="archive")
        assert waited_for(opened.send, None, new=new) == ["archive"]
        assert waited_for(opened.send, None, new=new, visit=Visit()) == ["archive"]
        assert waited_for(opened.send, None, new=new, other=Painting(title="default")) == ["default"]


def test_the_word_default_of_a_router_is_no_silence(opened):
    with override_settings(DATABASE_ROUTERS=[ByTitle()]):
        visit = Visit.from_db("archive", ["id"], [1])
        assert waited_for(opened.send, None, visit=visit, new=Painting()) == ["archive"]
        assert waited_for(opened.send, None, visit=visit, new=Painting(title="default")) == ["default"]


@pytest.mark.parametrize("sender", [None, SimpleNamespace, "gallery"])
def test_else_it_is_default(opened, sender):
    with override_settings(DATABASE_ROUTERS=[ToArchive()]):
        assert waited_for(opened.send, sender, payload={"a": 1}) == ["default"]


def test_a_saved_model_waits_for_the_database_that_it_is_saved_to(alias):
    @receiver(post_save, sender=Visit, on_commit=True)
    def after(**kwargs): ...

    assert waited_for(Visit(note="moved").save, using=alias) == [alias]


def test_each_database_releases_its_own():
    opened, ran = Signal(), []

    @receiver(opened, on_commit=True)
    def after(using, **kwargs):
        ran.append(using)

    with rolled_back("default"):
        with transaction.atomic(using="archive"):
            opened.send(None, using="default")
            opened.send(None, using="archive")
            assert ran == []
        assert ran == ["archive"]
    assert ran == ["archive"]
