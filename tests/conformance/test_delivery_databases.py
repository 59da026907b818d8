"""Each database has a log, workers and receivers' work of its own; a test's transaction leaves nothing of it."""

import contextlib

import pytest
from conformance.databases import COMMITTING
from conformance.deliveries import AT_ONCE, CLERK, deliveries, eventually, receiving, send, work, working, write
from conformance.visits import rolled_back, visit, visits
from django.db import connections, transaction
from django.test import TestCase

from heliograph.delivery.worker import process
from heliograph.delivery.worker.station import Station
from heliograph.models import Delivery, Event, Partition, Subscription


@COMMITTING
def test_two_databases_each_have_their_own_log():
    with receiving(write) as clerk:
        send("archive", "in the file", "bad")
        send("postgres", "on the server")
        work("archive")
        assert (visits("archive"), visits("postgres")) == (["in the file", "bad"], [])
        work("postgres")
        assert visits("postgres") == ["on the server"]
    assert [call["using"] for call in clerk.calls] == ["archive", "archive", "postgres"]


@COMMITTING
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


@COMMITTING
def test_a_worker_that_can_work_for_one_database_no_longer_ends(monkeypatch):
    class Broken(Station):
        def _work(self):
            raise RuntimeError("not an error of the database")

    working = [Station("archive", threads=1, only=()), Broken("postgres", threads=1, only=())]
    monkeypatch.setattr(process, "stations", lambda **_: working)
    assert process.run() is False
    assert [station.failed for station in working] == [False, True]


@COMMITTING
def test_a_session_with_another_database_that_is_lost_fails_one_attempt():
    def forward(note, **_):
        with connections["postgres"].cursor() as cursor:
            cursor.execute("select pg_backend_pid()")
            ((pid,),) = cursor.fetchall()
        if note == "lost" and not lost:
            lost.append(note)
            with contextlib.closing(connections.create_connection("postgres")) as other, other.cursor() as cursor:
                cursor.execute("select pg_terminate_backend(%s)", [pid])
        visit("postgres", note)

    lost = []
    with receiving(forward, retry=AT_ONCE) as clerk:
        send("archive", "lost", "next", "last")
        work("archive")
    assert clerk.notes == ["lost", "next", "last", "lost"]
    assert sorted(visits("postgres")) == ["last", "lost", "next"]


@COMMITTING
def test_a_session_with_another_database_ends_with_the_turn_as_with_a_request():
    def forward(note, **_):
        visit("postgres", note)
        sessions.append(connections["postgres"].connection)

    sessions = []
    with receiving(forward), working("archive"):
        send("archive", "one")
        eventually(lambda: sessions and sessions[0].closed)


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
