"""What cannot be called or read any more: retried and then dead, or orphaned; never in the way of anything else."""

import json
import sys

import pytest
from conformance.databases import COMMITTING
from conformance.deliveries import (
    AT_ONCE,
    CLERK,
    MUCH_LATER,
    deliveries,
    errors,
    make_due,
    notes_by_state,
    partitions,
    receiving,
    send,
    send_keyed,
    sent,
    work,
)
from conformance.visits import visit, visits
from django.db import connections, transaction
from django.db.models.signals import post_save
from gallery.models import Painting

from heliograph.delivery.registration.register import register
from heliograph.delivery.registration.subscribing import Way
from heliograph.models import Event, Subscription

pytestmark = COMMITTING


def rewrite(alias, note, **columns):
    """Write something else into the row of an event."""
    for event in Event.objects.using(alias):
        payload = json.loads(event.payload) if isinstance(event.payload, str) else event.payload
        if payload.get("note") == note:
            sets = ", ".join(f"{column} = %s" for column in columns)
            with connections[alias].cursor() as cursor:
                cursor.execute(f"update heliograph_event set {sets} where id = %s", [*columns.values(), event.pk])


BROKEN = {
    "an unknown tag": {"payload": '{"note": {"$no such tag": 1}}'},
    "no object": {"payload": "[1, 2]"},
    "a model that is gone": {"payload": '{"note": {"$model": {"model": "gallery.Fresco", "pk": 1}}}'},
    "a class that is gone": {"payload": '{"note": {"$class": "gallery.Fresco"}}'},
    "an enumeration that is gone": {"payload": '{"note": {"$enum": ["gallery.models.Colour", "RED"]}}'},
    "a sender that is gone": {"sender": "gallery.Fresco"},
    "arguments it does not take": {"payload": '{"nonsense": 1}'},
    "odd headers": {"headers": '["not an object"]'},
    "odd hops": {"headers": '{"hops": "many"}'},
}


@pytest.mark.parametrize("columns", BROKEN.values(), ids=BROKEN)
def test_a_row_that_cannot_be_read_is_tried_again_and_then_dead(lasting_alias, columns):
    def does(note, key, using, signal, sender):
        visit(using, note)

    with receiving(does, retry=AT_ONCE):
        send(lasting_alias, "one", "bad", "two")
        rewrite(lasting_alias, "bad", **columns)
        work(lasting_alias)
    assert visits(lasting_alias) == ["one", "two"]
    (delivery,) = deliveries(lasting_alias)
    assert (delivery.state, delivery.attempts, len(errors(delivery))) == ("dead", 3, 3)


def test_a_row_that_can_be_read_again_is_delivered(lasting_alias):
    with receiving(retry=MUCH_LATER) as clerk:
        send_keyed(lasting_alias, "bad", "better")
        rewrite(lasting_alias, "bad", sender="gallery.Fresco")
        work(lasting_alias)
        assert deliveries(lasting_alias, "state") == ["retrying", "held"]
        rewrite(lasting_alias, "bad", sender=None)
        make_due(lasting_alias)
        work(lasting_alias)
    assert clerk.notes == ["bad", "better"]
    assert deliveries(lasting_alias) == []


def test_a_subscription_whose_receiver_is_gone_keeps_its_events(lasting_alias):
    with receiving(name="gallery.porter") as porter:
        with receiving(retry=MUCH_LATER) as clerk:
            send(lasting_alias, "one")
            work(lasting_alias)
        send(lasting_alias, "two")
        work(lasting_alias)
        assert clerk.notes == ["one"]
        with receiving(retry=MUCH_LATER) as clerk:
            send(lasting_alias, "three")
            work(lasting_alias)
            assert clerk.notes == ["two", "three"]
    assert porter.notes == ["one", "two", "three"]


def test_what_is_due_of_a_receiver_that_is_gone_waits_and_keeps_no_worker_busy(lasting_alias):
    def failing(**_):
        raise ValueError("not now")

    with receiving(name="gallery.porter") as porter:
        with receiving(failing, retry=MUCH_LATER):
            send_keyed(lasting_alias, "a1", "a2")
            work(lasting_alias)
        make_due(lasting_alias)
        send(lasting_alias, "b1")
        work(lasting_alias)
        assert notes_by_state(lasting_alias) == {"retrying": ["a1"], "held": ["a2"]}
        with receiving(retry=MUCH_LATER) as clerk:
            work(lasting_alias)
    assert [note for note in clerk.notes if note != "b1"] == ["a1", "a2"]
    assert sorted(clerk.notes) == porter.notes == ["a1", "a2", "b1"]


def test_a_receiver_that_has_another_name_now_goes_on_with_its_events(lasting_alias):
    def failing(note, **_):
        if note == "a1":
            raise ValueError("not now")

    with receiving(failing, name="gallery.former", retry=MUCH_LATER):
        send_keyed(lasting_alias, "a1", "a2", "b1")
        work(lasting_alias)
        send_keyed(lasting_alias, "b2")
    with receiving(aliases=["gallery.former"]) as clerk:
        make_due(lasting_alias)
        work(lasting_alias)
    assert sorted(clerk.notes) == ["a1", "a2", "b2"]
    assert Subscription.objects.using(lasting_alias).get().name == CLERK


def test_two_subscriptions_of_one_receiver_are_not_both_run(lasting_alias, caplog):
    with receiving(name="gallery.former"):
        send(lasting_alias, "one")
        with receiving():
            send(lasting_alias, "two")
    with caplog.at_level("CRITICAL"), receiving(aliases=["gallery.former"]) as clerk:
        work(lasting_alias)
    assert clerk.notes == ["two"]
    assert partitions(lasting_alias, "gallery.former").get().worker is None


def test_an_event_that_the_log_has_lost_is_tried_again_and_then_dead(lasting_alias):
    def failing(**_):
        raise ValueError("not now")

    with receiving(failing, retry=AT_ONCE):
        send(lasting_alias, "one")
        with receiving(failing, name="gallery.porter", retry=MUCH_LATER):
            send(lasting_alias, "two")
            work(lasting_alias)
            Event.objects.using(lasting_alias).all().delete()
            make_due(lasting_alias)
            work(lasting_alias)
    (delivery,) = deliveries(lasting_alias, name="gallery.porter")
    assert "not in the log" in errors(delivery)[-1]["message"]


def test_an_event_whose_sender_the_receiver_does_not_hear_any_more_is_passed_over(lasting_alias):
    def failing(**_):
        raise ValueError("not now")

    with receiving(failing, signals=[post_save, sent], retry=MUCH_LATER):
        Painting.objects.using(lasting_alias).create(title="Nocturne")
        send(lasting_alias, "one")
        work(lasting_alias)
    assert deliveries(lasting_alias, "state") == ["retrying", "retrying"]
    with receiving() as clerk:
        register(lasting_alias, Way.MIGRATE)  # it does not hear post_save any more
        make_due(lasting_alias)
        work(lasting_alias)
    assert clerk.notes == ["one"]
    assert deliveries(lasting_alias) == []


def test_nothing_of_a_row_is_imported_or_run(lasting_alias):
    with receiving(retry=AT_ONCE):
        send(lasting_alias, "bad")
        rewrite(lasting_alias, "bad", sender="this.zen", payload='{"note": {"$enum": ["antigravity.Gravity", "NONE"]}}')
        with transaction.atomic(using=lasting_alias):
            sent.send(None, note="good", key=None, using=lasting_alias)
        work(lasting_alias)
    assert "antigravity" not in sys.modules
    assert deliveries(lasting_alias, "state") == ["dead"]
