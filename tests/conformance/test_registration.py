"""The subscriptions that a database has are those of the durable receivers in the code."""

import logging

import pytest
from conformance.databases import COMMITTING
from conformance.logs import END, sequence, sessions
from conformance.recordings import (
    closed,
    durable,
    first,
    opened,
    partitions,
    recorded,
    second,
    send,
    subscriptions,
    third,
)
from conformance.visits import rolled_back
from django.core.management import call_command
from django.db import connections, transaction
from django.test.utils import CaptureQueriesContext

from heliograph.delivery.registration import registered
from heliograph.delivery.registration.register import register
from heliograph.log.entries import ALL
from heliograph.log.log import log_of

pytestmark = COMMITTING

FIRST, SECOND = (f"{each.__module__}.{each.__name__}" for each in (first, second))


@pytest.fixture
def log(alias):
    return log_of(connections[alias])


@pytest.fixture(autouse=True)
def start(log):
    """The last position that the test finds: SQLite uses none again."""
    return log.last_position()


def by_migrate(alias):
    call_command("migrate", database=alias, verbosity=0)


def by_send(alias):
    send(opened, alias)


@pytest.mark.parametrize("way", [by_migrate, register, by_send])
def test_a_subscription_comes_about_in_three_ways(alias, way, start):
    with durable([opened, closed], partitions=2):
        way(alias)
    assert subscriptions(alias) == {FIRST: ([FIRST], ["gallery.closed", "gallery.opened"])}
    assert partitions(alias, FIRST) == [(0, 2, start, None, 0), (1, 2, start, None, 0)]


@pytest.mark.parametrize("way", [by_migrate, register, by_send])
def test_it_starts_behind_all_that_has_been_committed(alias, log, way, start):
    with durable(opened, second):
        send(opened, alias)
        send(opened, alias)
    with durable(opened):
        way(alias)
    assert [position for _, _, position, _, _ in partitions(alias, FIRST)] == [start + 2]
    sequence(log)
    read = log.read(list(log.signals(["gallery.opened"]).values()), after=start + 2, until=END, limit=9, share=ALL)
    assert len(read) == (1 if way is by_send else 0)


@pytest.mark.parametrize("way", [by_migrate, register, by_send])
def test_it_starts_at_the_beginning_if_it_asks_for_that(alias, way):
    with durable(opened, second):
        send(opened, alias)
    with durable(opened, start="beginning"):
        way(alias)
    assert [position for _, _, position, _, _ in partitions(alias, FIRST)] == [0]


def test_it_stays_as_it_is_when_it_is_registered_again(alias):
    with durable(opened):
        by_send(alias)
        before = subscriptions(alias), partitions(alias, FIRST)
        for way in (by_migrate, register, by_send):
            way(alias)
            registered.forget(alias)
    assert (subscriptions(alias), partitions(alias, FIRST)) == before


def test_an_event_that_registers_is_not_missed(alias, log):
    with durable(opened):
        send(opened, alias, note="registers")
    sequence(log)
    ((_, _, position, _, _),) = partitions(alias, FIRST)
    (event,) = recorded(alias)
    read = log.read([event.signal_id], after=position, until=END, limit=9, share=ALL)
    assert [entry.uuid for entry in read] == [event.uuid]


class TestRollback:
    """A sender that registers, and rolls back."""

    def test_the_next_sender_finds_or_makes_the_subscription(self, alias):
        with durable(opened):
            with rolled_back(alias):
                opened.send(None, using=alias)
            assert recorded(alias) == []
            send(opened, alias)
        assert list(subscriptions(alias)) == [FIRST]
        assert len(recorded(alias)) == 1

    def test_so_does_the_next_in_the_same_transaction(self, alias):
        with durable(opened), transaction.atomic(using=alias):
            with rolled_back(alias):
                opened.send(None, using=alias)
            opened.send(None, using=alias)
            with rolled_back(alias):
                opened.send(None, using=alias)
            opened.send(None, using=alias)
        assert list(subscriptions(alias)) == [FIRST]
        assert len(recorded(alias)) == 2

    def test_within_one_transaction_it_is_looked_for_once(self, alias):
        with durable(opened), transaction.atomic(using=alias):
            opened.send(None, using=alias)
            with CaptureQueriesContext(connections[alias]) as queries:
                opened.send(None, using=alias)
        assert len(queries) == 1

    def test_on_postgresql_others_do_not_wait_for_the_sender(self, lasting_alias):
        if connections[lasting_alias].vendor != "postgresql":
            return  # one session writes at a time
        with durable(opened), sessions(lasting_alias) as session:
            with rolled_back(lasting_alias):
                opened.send(None, using=lasting_alias)
                other = session()
                other.execute("set lock_timeout = '1s'")
                other.log.signals(["gallery.opened"])
                assert other.execute("select name from heliograph_subscription") == [(FIRST,)]
            assert list(subscriptions(lasting_alias)) == [FIRST]

    def test_on_sqlite_it_is_remembered_once_committed(self, lasting_alias):
        connection = connections[lasting_alias]
        if connection.vendor != "sqlite":
            return
        with durable(opened):
            with transaction.atomic(using=lasting_alias):
                opened.send(None, using=lasting_alias)
                registered.known(connection)
                assert lasting_alias not in registered._committed
            assert FIRST in registered._committed[lasting_alias].names


class TestSignals:
    """Which signals a subscription reads."""

    @pytest.mark.parametrize("way", [by_migrate, register, by_send])
    def test_another_one_is_added_by_each_way(self, alias, way):
        with durable(closed):
            send(closed, alias)
        registered.forget(alias)
        with durable([opened, closed]):
            way(alias)
        assert subscriptions(alias)[FIRST][1] == ["gallery.closed", "gallery.opened"]
        assert [epoch for *_, epoch in partitions(alias, FIRST)] == [1]  # an owner of before would pass its events by

    @pytest.mark.parametrize(("way", "is_dropped"), [(by_migrate, True), (register, False), (by_send, False)])
    def test_one_is_dropped_by_migrate_alone(self, alias, way, is_dropped):
        with durable([opened, closed]):
            send(closed, alias)
        registered.forget(alias)
        with durable(opened):
            way(alias)
        assert subscriptions(alias)[FIRST][1] == (
            ["gallery.opened"] if is_dropped else ["gallery.closed", "gallery.opened"]
        )

    def test_former_names_are_read_too(self, alias, monkeypatch):
        monkeypatch.setattr(opened, "aliases", ("gallery.unveiled",), raising=False)
        with durable(opened):
            send(opened, alias)
        assert subscriptions(alias)[FIRST][1] == ["gallery.opened", "gallery.unveiled"]
        assert [event.signal.name for event in recorded(alias)] == ["gallery.opened"]


class TestRenaming:
    """A receiver that had another name."""

    @pytest.mark.parametrize("way", [by_migrate, register, by_send])
    def test_it_goes_on_with_the_subscription_that_it_had(self, alias, way):
        with durable(opened, name="gallery.old"):
            send(opened, alias)
        before = partitions(alias, "gallery.old")
        with durable(opened, second, name="gallery.new", aliases=["gallery.old"]):
            way(alias)
        assert subscriptions(alias) == {"gallery.new": (["gallery.new", "gallery.old"], ["gallery.opened"])}
        assert partitions(alias, "gallery.new") == before

    @pytest.mark.parametrize("way", [by_migrate, register, by_send])
    def test_old_code_finds_it_and_leaves_the_new_name(self, alias, way):
        with durable(opened, second, name="gallery.new", aliases=["gallery.old"]):
            send(opened, alias)
        registered.forget(alias)
        with durable(opened, name="gallery.old"):
            way(alias)
            send(opened, alias)
        assert subscriptions(alias) == {"gallery.new": (["gallery.new", "gallery.old"], ["gallery.opened"])}
        assert len(recorded(alias)) == (3 if way is by_send else 2)

    def test_two_subscriptions_stay_two_and_the_remedy_is_told(self, alias, caplog):
        with durable(opened, name="gallery.old"):
            send(opened, alias)
        registered.forget(alias)
        with durable(opened, second, name="gallery.new"):
            send(opened, alias)
        with durable(opened, third, name="gallery.new", aliases=["gallery.old"]), caplog.at_level(logging.ERROR):
            register(alias)
        assert set(subscriptions(alias)) == {"gallery.old", "gallery.new"}
        assert "manage.py signals drop gallery.old" in caplog.text


class TestPartitions:
    """Changing the number of partitions."""

    @pytest.fixture
    def one(self, alias, log):
        """A subscription with one partition, and two events behind it."""
        with durable(opened):
            send(opened, alias)
            send(opened, alias)
        sequence(log)

    @pytest.mark.parametrize("way", [by_migrate, register])
    def test_new_ones_begin_where_the_old_ones_end(self, alias, one, way, start):
        with durable(opened, partitions=2):
            way(alias)
        end = start + 2
        assert partitions(alias, FIRST) == [(0, 1, start, end, 1), (0, 2, end, None, 0), (1, 2, end, None, 0)]

    def test_a_send_leaves_them_alone(self, alias, one, start):
        with durable(opened, second), durable(opened, partitions=2):
            send(opened, alias)
        assert partitions(alias, FIRST) == [(0, 1, start, None, 0)]

    def test_one_change_at_a_time(self, alias, one):
        with durable(opened, partitions=2):
            register(alias)
        before = partitions(alias, FIRST)
        with durable(opened, partitions=3):
            register(alias)
        assert partitions(alias, FIRST) == before
        with connections[alias].cursor() as cursor:
            cursor.execute("delete from heliograph_partition where until is not null")
        with durable(opened, partitions=3):
            register(alias)
        assert [count for _, count, *_ in partitions(alias, FIRST)] == [2, 2, 3, 3, 3]


def test_migrate_forgets_what_the_process_knew(alias):
    with durable(opened):
        send(opened, alias)
        assert registered.known(connections[alias]) is not None
    call_command("flush", database=alias, interactive=False, verbosity=0)
    assert registered.known(connections[alias]) is None
    with durable(opened):
        send(opened, alias)
    assert list(subscriptions(alias)) == [FIRST]


def test_a_flush_that_tells_of_itself_registers_anew(alias):
    with durable(opened):
        send(opened, alias)
        call_command("flush", database=alias, interactive=False, verbosity=0)
        assert list(subscriptions(alias)) == [FIRST]
        send(opened, alias)
    assert len(recorded(alias)) == 1


def test_nothing_is_registered_while_heliograph_is_not_migrated(alias):
    with durable(opened):
        call_command("migrate", "heliograph", "zero", database=alias, verbosity=0)
        call_command("migrate", "heliograph", "0001", database=alias, verbosity=0)
        call_command("migrate", database=alias, verbosity=0)
    assert list(subscriptions(alias)) == [FIRST]
