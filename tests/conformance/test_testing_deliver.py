"""`deliver()` runs what is owed as a worker does, in a test's own transaction and in a test that commits."""

import asyncio

import pytest
from asgiref.sync import async_to_sync
from conformance.deliveries import (
    AT_ONCE,
    CLERK,
    MUCH_LATER,
    answered,
    deliveries,
    receiving,
    send,
    send_keyed,
    sent,
)
from conformance.owed import BOTH_WAYS, INSIDE, failing, states, visits, writing
from django.db import IntegrityError, transaction
from gallery.models import Painting, Visit

from heliograph import Reject, RetryLater, current_event, receiver
from heliograph.delivery.decisions.states import State
from heliograph.delivery.declaration.registry import undeclare
from heliograph.models import Event
from heliograph.testing import adeliver, deliver


@BOTH_WAYS
def test_what_is_owed_is_delivered_once(alias, way):
    with receiving(writing(alias)):
        send(alias, "a", "b")
        assert visits(alias) == []
        first, second = deliver(using=alias)
        assert visits(alias) == ["a", "b"]
        assert deliver(using=alias) == []
        send(alias, "c")
        assert states(deliver(using=alias)) == [State.DONE]
    assert visits(alias) == ["a", "b", "c"]
    assert (first.receiver, first.signal, first.state, first.error) == (CLERK, "gallery.sent", "done", None)
    assert [first.event, second.event] == list(
        Event.objects.using(alias).order_by("pk").values_list("uuid", flat=True)
    )[:2]


@BOTH_WAYS
def test_what_receivers_send_is_delivered_too(alias, way):
    def answer(note, **_):
        answered.send(None, note=f"answer to {note}", key=None, using=alias)

    with receiving(answer), receiving(writing(alias), signals=answered, name="gallery.reader"):
        send(alias, "a")
        assert [each.receiver for each in deliver(using=alias)] == [CLERK, "gallery.reader"]
    assert visits(alias) == ["answer to a"]


@BOTH_WAYS
def test_it_is_the_recorded_payload_that_arrives(alias, way):
    painting = Painting.objects.using(alias).create(title="before")
    with receiving(lambda note, **_: seen.append((note, current_event().signal))) as clerk:
        seen = []
        send(alias, painting)
        Painting.objects.using(alias).update(title="after")
        deliver(using=alias)
    ((note, signal),) = seen
    assert note is not painting
    assert (note.title, signal) == ("after", "gallery.sent")
    assert clerk.calls[0]["sender"] is None


@BOTH_WAYS
def test_a_rolled_back_sending_is_not_owed(alias, way):
    with receiving(writing(alias)):
        send(alias, "a")
        with transaction.atomic(using=alias):
            sent.send(None, note="b", key=None, using=alias)
            transaction.set_rollback(True, using=alias)
        assert len(deliver(using=alias)) == 1
    assert visits(alias) == ["a"]


@BOTH_WAYS
def test_an_error_is_raised_when_all_others_are_done(alias, way):
    with receiving(failing(alias, "b"), retry=MUCH_LATER):
        send(alias, "a", "b", "c")
        with pytest.raises(ValueError, match="b") as raised:
            deliver(using=alias)
        assert visits(alias) == ["a", "c"]
        assert deliveries(alias, "state", "attempts") == [("retrying", 1)]
    (note,) = raised.value.__notes__
    assert f"durable receiver {CLERK} (" in note
    assert "which is retrying now (attempt 1 of 3)" in note
    assert raised.traceback[-1].name == "does"


@BOTH_WAYS
def test_several_errors_are_a_group(alias, way):
    with receiving(failing(alias, "a", "b"), retry=MUCH_LATER):
        send(alias, "a", "b")
        with pytest.raises(BaseExceptionGroup) as raised:
            deliver(using=alias)
    assert [str(each) for each in raised.value.exceptions] == ["a", "b"]


@BOTH_WAYS
def test_errors_can_be_looked_at_instead(alias, way):
    with receiving(failing(alias, "a1"), retry=MUCH_LATER):
        send_keyed(alias, "a1", "a2", "b1")
        found = deliver(using=alias, raises=False)
        assert states(found) == [State.RETRYING, State.DONE, State.HELD]
        assert [type(each.error) for each in found] == [ValueError, type(None), type(None)]
        assert found[0].due_at is not None
        assert found[0].attempts == 1
        assert visits(alias) == ["b1"]
        assert deliver(using=alias) == []


@BOTH_WAYS
def test_what_waits_is_tried_again_where_that_is_asked_for(alias, way):
    with receiving(failing(alias, "a1", times=2), retry=MUCH_LATER):
        send_keyed(alias, "a1", "a2")
        deliver(using=alias, raises=False)
        with pytest.raises(ValueError, match="a1"):
            deliver(using=alias, retries=1)
        assert states(deliver(using=alias, retries=5)) == [State.DONE, State.DONE]
        assert deliver(using=alias, retries=5) == []
    assert visits(alias) == ["a1", "a2"]
    assert deliveries(alias) == []


@BOTH_WAYS
def test_what_fails_for_the_last_time_is_dead(alias, way):
    with receiving(failing(alias, "a", times=99), retry=MUCH_LATER):
        send(alias, "a")
        (found,) = deliver(using=alias, retries=99, raises=False)
        assert (found.state, found.attempts) == (State.DEAD, 3)
    with receiving(failing(alias, "a", times=99), retry=AT_ONCE, name="gallery.hasty"):
        send(alias, "a")
        with pytest.raises(ValueError, match="a") as raised:
            deliver(using=alias)  # due at once, each time
    assert "which is dead now (attempt 3 of 3)" in raised.value.__notes__[-1]


@BOTH_WAYS
def test_answers_of_receivers(alias, way):
    def does(note, **_):
        raise RetryLater(60) if note == "later" else Reject("no such thing")

    with receiving(does):
        send(alias, "later", "never")
        with pytest.raises(Reject, match="no such thing"):
            deliver(using=alias)
        assert sorted(deliveries(alias, "state")) == ["dead", "retrying"]
        assert states(deliver(using=alias, retries=1)) == [State.RETRYING]


@BOTH_WAYS
@pytest.mark.parametrize("options", [{}, {"batch": 1}, {"batch": 10}, {"partitions": 3}, {"ordering": "none"}])
def test_in_each_way_of_running(alias, way, options):
    broken = ["c"]

    def does(note, **_):
        Visit.objects.using(alias).create(note=note)
        if note in broken:
            raise ValueError(note)

    with receiving(does, retry=MUCH_LATER, **options):
        send_keyed(alias, *"abcde")
        with pytest.raises(ValueError, match="c"):
            deliver(using=alias)
        assert sorted(visits(alias)) == ["a", "b", "d", "e"]
        broken.clear()
        deliver(using=alias, retries=1)
    assert sorted(visits(alias)) == ["a", "b", "c", "d", "e"]


@BOTH_WAYS
def test_one_that_runs_in_no_transaction_keeps_what_it_wrote(alias, way):
    with receiving(failing(alias, "a"), atomic=False, retry=MUCH_LATER):
        send(alias, "a", "b")
        with pytest.raises(ValueError, match="a"):
            deliver(using=alias)
    assert visits(alias) == ["a", "b"]


@BOTH_WAYS
def test_one_that_runs_in_no_transaction_and_is_refused_by_the_database(alias, way):
    def does(note, **_):
        Painting.objects.using(alias).create(title="one of a kind")
        Visit.objects.using(alias).create(note=note)

    with receiving(does, atomic=False, retry=MUCH_LATER):
        send(alias, "a", "b")
        with pytest.raises(IntegrityError):
            deliver(using=alias)
        assert visits(alias) == ["a"]
        send(alias, "c")
        assert len(deliver(using=alias, raises=False)) == 1


@INSIDE
def test_one_that_catches_what_would_not_have_broken_a_transaction(alias):
    def does(note, **_):
        Painting.objects.using(alias).create(title="one of a kind")
        with pytest.raises(IntegrityError):
            Painting.objects.using(alias).create(title="one of a kind")

    with receiving(does, atomic=False):
        send(alias, "a")
        with pytest.raises(Exception, match="has broken the transaction of the test") as raised:
            deliver(using=alias)
    assert "TransactionTestCase" in str(raised.value)
    assert list(Painting.objects.using(alias).all()) == []


async def in_a_coroutine(note, using, **_):
    """A durable receiver."""
    await asyncio.sleep(0)
    await Visit.objects.using(using).acreate(note=note)


@BOTH_WAYS
@pytest.mark.parametrize("atomic", [True, False])
def test_coroutine_functions(alias, way, atomic):
    receiver(sent, durable=True, name=CLERK, atomic=atomic)(in_a_coroutine)
    try:
        send(alias, "a")
        deliver(using=alias)
    finally:
        undeclare(CLERK)
    assert visits(alias) == ["a"]


@BOTH_WAYS
def test_what_ends_the_test_is_raised_at_once(alias, way):
    def does(**_):
        raise KeyboardInterrupt

    with receiving(does) as clerk:
        send(alias, "a", "b")
        with pytest.raises(KeyboardInterrupt):
            deliver(using=alias)
        assert len(clerk.calls) == 1


@BOTH_WAYS
def test_one_that_calls_exit_has_failed(alias, way):
    def does(**_):
        raise SystemExit("bye")

    with receiving(does, retry=MUCH_LATER):
        send(alias, "a")
        with pytest.raises(SystemExit):
            deliver(using=alias)
        assert deliveries(alias, "state") == ["retrying"]


@INSIDE
def test_asynchronously(alias):
    async def test():
        return await adeliver(CLERK, using=alias, retries=1, raises=False)

    receiver(sent, durable=True, name=CLERK)(in_a_coroutine)
    try:
        send(alias, "a")
        assert states(async_to_sync(test)()) == [State.DONE]
    finally:
        undeclare(CLERK)
    assert visits(alias) == ["a"]
