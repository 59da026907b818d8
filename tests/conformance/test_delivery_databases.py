"""Each database has a log, workers and receivers' work of its own; a test's transaction leaves nothing of it."""

import pytest
from conformance.deliveries import CLERK, DATABASES, deliveries, eventually, receiving, send, work, working
from conformance.visits import rolled_back, visit, visits
from django.db import transaction
from django.test import TestCase

from heliograph.models import Delivery, Event, Partition, Subscription


def write(note, using, **_):
    visit(using, note)


@DATABASES
def test_two_databases_each_have_their_own_log():
    with receiving(write) as clerk:
        send("archive", "in the file", "bad")
        send("postgres", "on the server")
        work("archive")
        assert (visits("archive"), visits("postgres")) == (["in the file", "bad"], [])
        work("postgres")
        assert visits("postgres") == ["on the server"]
    assert [call["using"] for call in clerk.calls] == ["archive", "archive", "postgres"]


@DATABASES
def test_workers_of_two_databases_run_side_by_side():
    def forward(note, using, **_):
        visit(using, note)
        if using == "archive":
            with transaction.atomic(using="postgres"):
                send("postgres", f"re: {note}")

    with receiving(forward), working("archive"), working("postgres"):
        send("archive", "one", "two")
        eventually(lambda: visits("postgres") == ["re: one", "re: two"])
    assert visits("archive") == ["one", "two"]
    assert deliveries("archive") == deliveries("postgres") == []


@pytest.mark.django_db(databases="__all__")
class TestWithinATestsTransaction:
    """In a ``TestCase`` a sending is recorded where the test sees it, and nowhere else."""

    @pytest.mark.parametrize("place", [1, 2])
    def test_a_sending_is_recorded_and_gone_with_the_test(self, lasting_alias, place):
        assert not Subscription.objects.using(lasting_alias).filter(name=CLERK)
        assert not Event.objects.using(lasting_alias).exists()
        with receiving() as clerk:
            send(lasting_alias, "one", "two")
        assert Event.objects.using(lasting_alias).count() == 2
        assert Subscription.objects.using(lasting_alias).get().name == CLERK
        assert Partition.objects.using(lasting_alias).count() == 1
        assert not Delivery.objects.using(lasting_alias).exists()
        assert clerk.calls == []


class InDjangosTestCase(TestCase):
    """The same with Django's own class."""

    databases = "__all__"

    def test_a_sending_is_recorded_with_its_savepoint(self):
        with receiving():
            with transaction.atomic("archive"):
                send("archive", "one")
            with rolled_back("archive"):
                send("archive", "never")
        self.assertEqual(Event.objects.using("archive").count(), 1)  # noqa: PT009

    def test_nothing_is_left_of_the_other_test(self):
        self.assertEqual(Event.objects.using("archive").count(), 0)  # noqa: PT009
