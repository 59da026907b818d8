"""What `deliver()` does where a worker would commit: hooks are run, and what is deferred is checked."""

from contextlib import closing

import pytest
from conformance.deliveries import (
    MUCH_LATER,
    deliveries,
    receiving,
    send,
)
from conformance.owed import BOTH_WAYS, INSIDE, visits, writing
from django.db import IntegrityError, connections, transaction
from django.test import TestCase
from gallery.models import Visit

from heliograph.delivery.session.own import open_session
from heliograph.testing import deliver


@BOTH_WAYS
def test_hooks_for_the_commit_run_behind_the_receiver(alias, way):
    ran = []

    def does(note, **_):
        transaction.on_commit(lambda: ran.append((note, visits(alias))), using=alias)
        Visit.objects.using(alias).create(note=note)
        if note == "b":
            raise ValueError(note)

    with receiving(does, batch=1, retry=MUCH_LATER):
        send(alias, "a", "b")
        deliver(using=alias, raises=False)
    assert ran == [("a", ["a"])]


@BOTH_WAYS
def test_hooks_of_hooks_run_too(alias, way):
    ran = []

    def outer():
        transaction.on_commit(lambda: ran.append("inner"), using=alias)
        ran.append("outer")

    with receiving(lambda **_: transaction.on_commit(outer, using=alias)):
        send(alias, "a")
        deliver(using=alias)
    assert sorted(ran) == ["inner", "outer"]


@INSIDE
def test_hooks_that_roll_something_back(alias):
    ran = []

    def hook():
        with transaction.atomic(using=alias):
            transaction.set_rollback(True, using=alias)
        transaction.on_commit(lambda: ran.append("later"), using=alias)

    def does(**_):
        transaction.on_commit(hook, using=alias)
        transaction.on_commit(lambda: ran.append("second"), using=alias)

    with receiving(does):
        deliver(using=alias)
        hooks = list(connections[alias].run_on_commit)
        send(alias, "a")
        deliver(using=alias)
        left = [each for each in connections[alias].run_on_commit if each not in hooks]
    assert sorted(ran) == ["later", "second"]
    assert len(left) == 1  # what the second call knows of the subscriptions


@BOTH_WAYS
@pytest.mark.parametrize("atomic", [True, False])
def test_a_hook_that_raises_is_told_of_and_the_event_is_done(alias, way, atomic):
    def fail():
        raise LookupError("nobody there")

    def does(note, **_):
        Visit.objects.using(alias).create(note=note)
        transaction.on_commit(fail, using=alias)

    with receiving(does, atomic=atomic, retry=MUCH_LATER):
        send(alias, "a")
        with pytest.raises(LookupError):
            deliver(using=alias)
    assert visits(alias) == ["a"]


@INSIDE
def test_hooks_of_the_test_itself_are_left_alone(alias):
    def mine():
        raise AssertionError

    with receiving(lambda **_: transaction.on_commit(lambda: None, using=alias)):
        with TestCase.captureOnCommitCallbacks(using=alias) as hooks:
            transaction.on_commit(mine, using=alias)
            send(alias, "a")
            deliver(using=alias)
        assert hooks[0] is mine


@INSIDE
def test_the_tests_transaction_is_never_committed(lasting_alias):
    with receiving(writing(lasting_alias)):
        send(lasting_alias, "a")
        deliver(using=lasting_alias)
        assert visits(lasting_alias) == ["a"]
        with closing(open_session(lasting_alias, own_statements=True)) as other, other.cursor() as cursor:
            cursor.execute("select count(*) from gallery_visit")
            assert cursor.fetchall() == [(0,)]
            cursor.execute("select count(*) from heliograph_event")
            assert cursor.fetchall() == [(0,)]


@INSIDE
def test_what_a_commit_would_have_checked_is_checked(alias):
    def does(note, **_):
        Visit.objects.using(alias).create(note=note, painting_id=4711 if note == "b" else None)

    with receiving(does, retry=MUCH_LATER):
        send(alias, "a", "b", "c")
        with pytest.raises(IntegrityError):
            deliver(using=alias)
        assert visits(alias) == ["a", "c"]
        assert deliveries(alias, "state") == ["retrying"]


@INSIDE
@pytest.mark.parametrize("alias", ["postgres"], indirect=True, ids=["postgresql"])
def test_what_is_checked_with_each_statement_still_is(alias):
    refused = []

    def does(**_):
        try:
            with transaction.atomic(using=alias):
                cursor.execute("insert into seat values (1), (1)")
        except IntegrityError as error:
            refused.append(error)

    with connections[alias].cursor() as cursor, receiving(does, batch=1):
        cursor.execute("create table seat (number integer unique deferrable initially immediate)")
        send(alias, "a", "b")
        deliver(using=alias)
    assert len(refused) == 2


@INSIDE
def test_what_the_test_itself_has_broken_is_not_the_receivers_fault(alias):
    with receiving(writing(alias)) as clerk:
        send(alias, "a")
        with transaction.atomic(using=alias):
            connections[alias].atomic_blocks[-1]._from_testcase = True
            Visit.objects.using(alias).create(note="b", painting_id=4711)
            with pytest.raises(IntegrityError):
                deliver(using=alias)
            transaction.set_rollback(True, using=alias)
        assert clerk.calls == []
        deliver(using=alias)
        assert len(clerk.calls) == 1
