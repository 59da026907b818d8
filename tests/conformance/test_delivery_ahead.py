"""A crash may leave the delivery of an event ahead of the position, the earlier ones of its transaction undone."""

from conformance.deliveries import AT_ONCE, DATABASES, deliveries, last_position, receiving, send_keyed, work
from django.utils import timezone

from heliograph.models import Delivery, Event, Subscription

pytestmark = DATABASES


def leave_ahead(alias, place):
    """Write a due delivery for one of the events, as taking over from a worker that died with it does."""
    last = last_position(alias)
    event = Event.objects.using(alias).order_by("pk")[place]
    count = Event.objects.using(alias).count()
    Delivery.objects.using(alias).create(
        subscription=Subscription.objects.using(alias).get(),
        event_id=event.pk,
        position=last - count + 1 + place,
        key=event.key,
        spread=0,
        state="retrying",
        kills=1,
        due_at=timezone.now(),
    )


def test_it_is_run_once(lasting_alias):
    with receiving(retry=AT_ONCE) as clerk:
        send_keyed(lasting_alias, *[f"{letter}1" for letter in "abcdefgh"])
        leave_ahead(lasting_alias, 5)
        work(lasting_alias)
    assert sorted(clerk.notes) == [f"{letter}1" for letter in "abcdefgh"]
    assert deliveries(lasting_alias) == []


def test_earlier_events_of_its_key_go_first_and_later_ones_wait(lasting_alias):
    with receiving(retry=AT_ONCE) as clerk:
        send_keyed(lasting_alias, "a1", "b1", "a2", "a3", "b2")
        leave_ahead(lasting_alias, 2)
        work(lasting_alias)
    assert [note for note in clerk.notes if note[0] == "a"] == ["a1", "a2", "a3"]
    assert [note for note in clerk.notes if note[0] == "b"] == ["b1", "b2"]
    assert deliveries(lasting_alias) == []
