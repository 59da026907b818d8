"""What a durable receiver is called with, and what it can ask for meanwhile."""

import uuid
from datetime import UTC, datetime, timedelta

import pytest
from conformance.databases import COMMITTING, COMMITTING_USERS
from conformance.deliveries import (
    CLERK,
    Clerk,
    answered,
    deliveries,
    eventually,
    receiving,
    send,
    sent,
    work,
    working,
)
from conformance.visits import visit, visits
from django.db import transaction
from django.db.models.signals import m2m_changed, post_delete, post_save
from gallery.models import Bronze, Painting, Sculpture, SmallPainting, Visit

from heliograph import Signal, current_event, muted, receiver
from heliograph.delivery.declaration.registry import undeclare
from heliograph.errors import NoCurrentEventError

pytestmark = COMMITTING


def test_it_gets_what_was_sent(lasting_alias):
    with receiving() as clerk:
        with transaction.atomic(using=lasting_alias):
            sent.send(Painting, note="one", key="k", when=datetime(2026, 1, 2, tzinfo=UTC), using=lasting_alias)
        work(lasting_alias)
    (call,) = clerk.calls
    assert call == {
        "signal": sent,
        "sender": Painting,
        "note": "one",
        "key": "k",
        "when": datetime(2026, 1, 2, tzinfo=UTC),
        "using": lasting_alias,
    }


def test_the_current_event_is_the_one_in_hand(lasting_alias):
    events = []
    with receiving(lambda **_: events.append(current_event())):
        with transaction.atomic(using=lasting_alias):
            sent.send(Painting, note="one", key=7, using=lasting_alias)
        send(lasting_alias, "two")
        work(lasting_alias)
    one, two = events
    assert (one.signal, one.sender, one.key, one.alias) == ("gallery.sent", "gallery.Painting", "7", lasting_alias)
    assert one.payload == {"note": "one", "key": 7, "using": lasting_alias}
    assert isinstance(one.id, uuid.UUID)
    assert one.id != two.id
    assert datetime.now(UTC) - one.sent_at < timedelta(minutes=1)
    assert two.position > one.position
    assert (two.sender, two.key) == (None, None)
    with pytest.raises(NoCurrentEventError):
        current_event()


async def asking(**_):
    """An asynchronous receiver."""
    asked.append(current_event().payload["note"])


asked = []


def test_an_asynchronous_receiver_has_its_current_event(lasting_alias):
    asked.clear()
    receiver(sent, durable=True, name=CLERK)(asking)
    try:
        send(lasting_alias, "one", "two")
        work(lasting_alias)
    finally:
        undeclare(CLERK)
    assert asked == ["one", "two"]


def test_an_instance_is_the_row_as_it_is_now(lasting_alias):
    titles = []
    with receiving(lambda painting, **_: titles.append(painting.title)):
        painting = Painting.objects.using(lasting_alias).create(title="Before")
        with transaction.atomic(using=lasting_alias):
            sent.send(None, painting=painting, key=None, using=lasting_alias)
        Painting.objects.using(lasting_alias).update(title="Now")
        work(lasting_alias)
    assert titles == ["Now"]


def test_an_instance_that_is_gone_is_as_it_was_sent(lasting_alias):
    titles = []
    with receiving(lambda painting, **_: titles.append(painting.title)):
        painting = Painting.objects.using(lasting_alias).create(title="Before")
        with transaction.atomic(using=lasting_alias):
            sent.send(None, painting=painting, key=None, using=lasting_alias)
        painting.delete()
        work(lasting_alias)
    assert titles == ["Before"]


def test_each_event_reads_the_row_anew_also_within_one_transaction(lasting_alias):
    titles = []

    def rename(painting, using, **_):
        titles.append(painting.title)
        Painting.objects.using(using).update(title=f"{painting.title}+")

    with receiving(rename):
        painting = Painting.objects.using(lasting_alias).create(title="A")
        with transaction.atomic(using=lasting_alias):
            for _ in range(3):
                sent.send(None, painting=painting, key=None, using=lasting_alias)
        work(lasting_alias)
    assert titles == ["A", "A+", "A++"]


def test_djangos_signals_reach_the_receivers_of_their_sender(lasting_alias):
    heard = []

    def hear(signal, sender, instance, **named):
        heard.append((signal, sender, instance.title, named.get("created")))

    with receiving(hear, signals=[post_save, post_delete], sender=Painting):
        painting = Painting.objects.using(lasting_alias).create(title="Nocturne")
        Sculpture.objects.using(lasting_alias).create(title="Horse")
        painting.delete()
        work(lasting_alias)
    assert heard == [(post_save, Painting, "Nocturne", True), (post_delete, Painting, "Nocturne", None)]


@COMMITTING_USERS
def test_changes_of_many_to_many_fields_are_heard(lasting_alias):
    from django.contrib.auth.models import Group, User

    heard = []

    def hear(action, instance, pk_set, **_):
        heard.append((action, instance.username, len(pk_set or ())))

    with receiving(hear, signals=m2m_changed, sender=User.groups.through):
        user = User.objects.using(lasting_alias).create(username="ada")
        user.groups.add(Group.objects.using(lasting_alias).create(name="painters"))
        user.groups.clear()
        work(lasting_alias)
    assert heard == [("pre_add", "ada", 1), ("post_add", "ada", 1), ("pre_clear", "ada", 0), ("post_clear", "ada", 0)]


def test_a_class_stands_for_its_subclasses_where_that_is_asked_for(lasting_alias):
    names = []

    def hear(sender, **_):
        names.append(sender.__name__)

    def save_all():
        Bronze.objects.using(lasting_alias).create(title=f"Horse {len(names)}")
        Painting.objects.using(lasting_alias).create(title=f"Nocturne {len(names)}")
        SmallPainting.objects.using(lasting_alias).latest("pk").save()
        work(lasting_alias)

    with receiving(hear, signals=post_save, sender=Painting, subclasses=True):
        save_all()
    assert names == ["Painting", "SmallPainting"]
    with receiving(hear, signals=post_save, sender=Painting, name="gallery.porter"):
        save_all()
    assert names[2:] == ["Painting"]


def test_each_receiver_has_a_subscription_of_its_own(lasting_alias):
    def failing(**_):
        raise ValueError("never")

    with receiving() as clerk, receiving(failing, name="gallery.porter"):
        send(lasting_alias, "one", "two")
        work(lasting_alias)
    assert clerk.notes == ["one", "two"]
    assert deliveries(lasting_alias) == []
    assert len(deliveries(lasting_alias, name="gallery.porter")) == 2


def test_one_receiver_of_several_signals_gets_them_in_one_order(lasting_alias):
    with receiving(signals=[sent, answered]) as clerk:
        for number in range(6):
            send(lasting_alias, str(number), signal=answered if number % 2 else sent)
        work(lasting_alias)
    assert clerk.notes == list("012345")
    assert [call["signal"] for call in clerk.calls] == [sent, answered] * 3


def test_a_receiver_that_was_muted_at_the_sending_does_not_get_it(lasting_alias):
    with receiving() as clerk, receiving(name="gallery.porter") as porter:
        send(lasting_alias, "one")
        with muted(clerk):
            send(lasting_alias, "two")
        send(lasting_alias, "three")
        work(lasting_alias)
    assert clerk.notes == ["one", "three"]
    assert porter.notes == ["one", "two", "three"]


def test_a_receiver_that_was_muted_under_a_former_name_does_not_get_it(lasting_alias):
    with receiving(name="gallery.former") as former, receiving(name="gallery.porter") as porter:
        send(lasting_alias, "one")
        with muted(former):
            send(lasting_alias, "two")
    with receiving(aliases=["gallery.former"]) as clerk, receiving(name="gallery.porter"):
        work(lasting_alias)
    assert clerk.notes == ["one"]
    assert porter.notes == []


def test_what_a_receiver_sends_is_a_part_of_its_work(lasting_alias):
    def forward(note, using, **_):
        answered.send(None, note=f"re: {note}", key=None, using=using)
        visit(using, note)
        if note == "bad":
            raise ValueError("bad note")

    with receiving(forward), receiving(signals=answered, name="gallery.porter") as porter:
        send(lasting_alias, "one", "bad", "two")
        work(lasting_alias)
    assert visits(lasting_alias) == ["one", "two"]
    assert porter.notes == ["re: one", "re: two"]


def test_a_chain_of_receivers_is_drained(lasting_alias):
    def countdown(left, using, **_):
        if left:
            sent.send(None, left=left - 1, key=None, using=using)

    with receiving(countdown) as clerk:
        with transaction.atomic(using=lasting_alias):
            sent.send(None, left=5, key=None, using=lasting_alias)
        work(lasting_alias)
    assert [call["left"] for call in clerk.calls] == [5, 4, 3, 2, 1, 0]


def test_receivers_that_cause_each_other_without_end_are_stopped(lasting_alias, settings):
    settings.HELIOGRAPH = {"MAX_HOPS": 3}

    def again(using, **_):
        sent.send(None, note="again", key=None, using=using)

    with receiving(again) as clerk:
        send(lasting_alias, "first")
        work(lasting_alias)
    assert clerk.notes == ["first", "again", "again", "again"]
    ((state, attempts, errors),) = deliveries(lasting_alias, "state", "attempts", "errors")
    assert (state, attempts) == ("dead", 1)
    assert "MAX_HOPS is 3" in errors
    assert errors.count("gallery.sent 0") >= 4, "the chain"


def test_a_signal_that_a_receiver_is_connected_to_later_reaches_it_while_a_worker_runs(lasting_alias):
    late = Signal(name="gallery.late", key="key")
    clerk = Clerk(lambda note, using, **_: visit(using, note))
    receiver(sent, durable=True, name=CLERK)(clerk)
    try:
        with working(lasting_alias):
            send(lasting_alias, "one")
            eventually(lambda: visits(lasting_alias) == ["one"])
            receiver(late, durable=True, name=CLERK)(clerk)
            for number in range(20):
                send(lasting_alias, f"late {number}", signal=late)
                send(lasting_alias, f"sent {number}")
            eventually(lambda: set(visits(lasting_alias)) >= {"sent 19", "late 19"})
    finally:
        undeclare(CLERK)
    done = visits(lasting_alias)
    assert [note for note in done if note.startswith("late")] == [f"late {number}" for number in range(20)]
    assert len(done) == len(set(done)) == 41


def test_fixtures_reach_only_those_who_ask(lasting_alias):
    from django.core import serializers

    painting = Painting(pk=5, title="Nocturne")
    (loaded,) = serializers.deserialize("json", serializers.serialize("json", [painting]), using=lasting_alias)
    with (
        receiving(signals=post_save, sender=Painting) as clerk,
        receiving(signals=post_save, sender=Painting, name="gallery.porter", raw=True) as porter,
    ):
        loaded.save(using=lasting_alias)
        work(lasting_alias)
    assert clerk.calls == []
    assert [call["raw"] for call in porter.calls] == [True]


def test_visits_of_a_transaction_are_seen_by_its_event(lasting_alias):
    seen = []
    with receiving(lambda using, **_: seen.append(visits(using))):
        with transaction.atomic(using=lasting_alias):
            sent.send(None, note="one", key=None, using=lasting_alias)
            Visit.objects.using(lasting_alias).create(note="written later")
        work(lasting_alias)
    assert seen == [["written later"]]
