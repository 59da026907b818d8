"""What the save wrapper keeps at its edges: what the router is asked, interrupts, receivers that come meanwhile."""

import pytest
from conformance.databases import COMMITTING
from conformance.recordings import durable, first, recorded, recorded_arguments, second
from django.db import DatabaseError, connections
from django.db.models.signals import post_save
from gallery.models import Painting

from heliograph import receiver
from heliograph.model_signals import save

pytestmark = COMMITTING


class Router:
    """Writes a row to the database that it comes from, and tells of what it was asked."""

    asked: list

    def db_for_write(self, model, instance=None, **hints):
        self.asked.append(instance)
        return getattr(instance, "home", None)


def test_the_router_is_asked_with_the_instance(alias, settings):
    Router.asked = []
    settings.DATABASE_ROUTERS = [f"{__name__}.Router"]
    painting = Painting(title="Nocturne")
    painting.home = alias
    with durable(post_save, sender=Painting):
        painting.save_base()
    assert Router.asked[0] is painting
    assert len(recorded(alias)) == 1


def test_an_interrupted_save_leaves_the_instance_as_it_was(alias):
    def interrupt(**_):
        raise KeyboardInterrupt

    post_save.connect(interrupt)
    painting = Painting(title="Nocturne")
    try:
        with durable(post_save, sender=Painting), pytest.raises(KeyboardInterrupt):
            painting.save(using=alias)
    finally:
        post_save.disconnect(interrupt)
    assert (painting.pk, painting._state.adding, painting._state.db) == (None, True, None)
    assert Painting.objects.using(alias).count() == 0


def test_a_receiver_that_comes_while_it_is_looked_for_is_heeded(alias, monkeypatch):
    heard_by = save.heard_by
    seen = []

    def look(using, **_):
        seen.append(connections[using].in_atomic_block)

    def heard_before(signal, model):
        answer = heard_by(signal, model)
        if signal is post_save and not seen:
            receiver(post_save, durable=True, sender=Painting)(first)
        return answer

    post_save.connect(look)
    try:
        with durable(post_save, second, sender=type(None)):
            monkeypatch.setattr(save, "heard_by", heard_before)
            for title in ("Before", "After"):
                Painting(title=title).save(using=alias)
    finally:
        post_save.disconnect(look)
        post_save.disconnect(first, sender=Painting)
    assert seen == [False, True]


def test_what_save_base_is_given_is_handed_on(alias):
    with durable(post_save, sender=Painting, raw=True):
        Painting(pk=1, title="Nocturne").save_base(raw=True, using=alias)
        Painting(pk=1, title="Nocturne").save_base(force_update=True, update_fields=frozenset(["title"]), using=alias)
    raw, some = recorded_arguments(alias)
    assert (raw["raw"], raw["created"], some["raw"], some["created"]) == (True, True, False, False)
    assert "title" in str(some["update_fields"])
    with durable(post_save, sender=Painting), pytest.raises(DatabaseError):
        Painting(pk=2, title="Not there").save_base(force_update=True, using=alias)
