"""What `deliver()` takes on in one call, round by round, and what it leaves behind."""

import pytest
from conformance.deliveries import (
    CLERK,
    MUCH_LATER,
    make_due,
    partition,
    partitions,
    receiving,
    send,
    send_keyed,
    sent,
)
from conformance.owed import BOTH_WAYS, INSIDE, failing, states, visits, writing
from django.db import transaction
from django.db.models import F
from gallery.models import Visit

from heliograph import RetryLater
from heliograph.delivery.decisions.states import State
from heliograph.models import Event, Worker
from heliograph.testing import deliver


@BOTH_WAYS
def test_one_that_asks_for_the_same_at_once_without_end(alias, way):
    def does(**_):
        raise RetryLater(0)

    with receiving(does):
        send(alias, "a")
        with pytest.raises(RuntimeError, match="without end"):
            deliver(using=alias)


@BOTH_WAYS
def test_a_page_is_not_the_end(alias, way):
    with receiving(writing(alias), batch=50):
        with transaction.atomic(using=alias):
            sent.send_many(None, [{"note": str(each), "key": None, "using": alias} for each in range(230)])
        assert len(deliver(using=alias)) == 230
    assert visits(alias) == [str(each) for each in range(230)]


@INSIDE
@pytest.mark.parametrize("time", ["first", "second"])
def test_each_test_begins_with_nothing(alias, time):
    with receiving(writing(alias)):
        send(alias, "a")
        assert len(deliver(using=alias)) == 1
    assert Event.objects.using(alias).count() == 1


@BOTH_WAYS
def test_nobody_is_left_as_a_worker(alias, way):
    with receiving(writing(alias)):
        send(alias, "a")
        deliver(using=alias)
        assert list(Worker.objects.using(alias).all()) == []
        assert partition(alias).worker_id is None


@BOTH_WAYS
def test_the_number_of_partitions_is_changed_on_the_way(alias, way):
    with receiving(writing(alias)):
        send_keyed(alias, "a", "b")
    with receiving(writing(alias), partitions=2):
        deliver(using=alias)
        assert sorted(partitions(alias).values_list("number", "count")) == [(0, 2), (1, 2)]
        send_keyed(alias, "c", "d")
        deliver(using=alias)
    assert sorted(visits(alias)) == ["a", "b", "c", "d"]


@BOTH_WAYS
def test_one_receiver_alone(alias, way):
    with receiving(writing(alias)) as clerk, receiving(lambda **_: None, name="gallery.other") as other:
        send(alias, "a")
        assert [each.receiver for each in deliver(clerk, using=alias)] == [CLERK]
        assert [each.receiver for each in deliver("gallery.other", using=alias)] == ["gallery.other"]
    assert len(other.calls) == 1


@BOTH_WAYS
def test_what_is_due_meanwhile_is_run(alias, way):
    with receiving(failing(alias, "a"), retry=MUCH_LATER):
        send(alias, "a")
        deliver(using=alias, raises=False)
        make_due(alias)
        deliver(using=alias)
    assert visits(alias) == ["a"]


@BOTH_WAYS
def test_one_that_loses_its_partition_is_run_again(alias, way):
    def does(note, **_):
        Visit.objects.using(alias).create(note=note)
        if len(clerk.calls) == 1:
            partitions(alias).update(epoch=F("epoch") + 1)

    with receiving(does) as clerk:
        send(alias, "a")
        assert states(deliver(using=alias)) == [State.DONE]
    assert clerk.notes == ["a", "a"]
    assert visits(alias) == ["a"]
