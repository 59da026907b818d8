"""In a test that is rolled back, what is registered goes with it, and no session of another kind is opened."""

import pytest
from conformance.recordings import closed, durable, first, opened, recorded, second, send, subscriptions
from django.db import connections, transaction
from django.test import TestCase
from django.test.utils import CaptureQueriesContext

from heliograph.delivery.registration import registered
from heliograph.delivery.registration.register import register

pytestmark = pytest.mark.django_db(databases="__all__")

FIRST = f"{first.__module__}.first"


@pytest.fixture(autouse=True)
def no_session(monkeypatch):
    """No session beside the test's: it would not see what the test has written."""
    monkeypatch.setattr("heliograph.delivery.registration.register.open_session", None)


@pytest.fixture(autouse=True)
def nothing_is_known(alias):
    """What an earlier test has committed is not remembered."""
    registered.forget(alias)


@pytest.mark.parametrize("time", ["first", "second"])
def test_each_test_registers_anew(alias, time):
    assert subscriptions(alias) == {}
    assert registered.known(connections[alias]) is None
    with durable(opened):
        send(opened, alias)
        send(opened, alias)
    assert list(subscriptions(alias)) == [FIRST]
    assert len(recorded(alias)) == 2


def test_it_is_looked_for_once(alias):
    with durable(opened), transaction.atomic(using=alias):
        opened.send(None, using=alias)
        with CaptureQueriesContext(connections[alias]) as queries:
            opened.send(None, using=alias)
    assert len(queries) == 1


def test_hooks_that_a_test_executes_do_not_make_it_last(alias):
    with durable(opened):
        with TestCase.captureOnCommitCallbacks(using=alias, execute=True):
            send(opened, alias)
        assert alias not in registered._committed
        with TestCase.captureOnCommitCallbacks(using=alias) as hooks:
            send(opened, alias)
        assert hooks == []


def test_what_is_registered_by_hand_goes_too(alias):
    with durable(opened):
        register(alias)
        assert list(subscriptions(alias)) == [FIRST]
        assert alias not in registered._committed


def test_several_registrations_in_one_test(alias):
    with durable(opened):
        send(opened, alias)
    with durable(closed, second), transaction.atomic(using=alias):
        closed.send(None, using=alias)
        transaction.set_rollback(True, using=alias)
    with durable(opened):
        send(opened, alias)
    assert alias not in registered._committed
    assert list(subscriptions(alias)) == [FIRST]


def test_what_is_forgotten_in_a_test_is_still_the_tests(alias):
    with durable(opened):
        send(opened, alias)
        registered.forget(alias)
        send(opened, alias)
    assert alias not in registered._committed
