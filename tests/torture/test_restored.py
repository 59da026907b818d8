"""A log is dumped half delivered, and restored into another cluster."""

import os

import pytest
from torture.bench import Bench, postgres_arguments, postgres_database
from torture.findings import Receiver
from torture.test_receivers import send

RECEIVERS = {"plain": Receiver(), "second": Receiver()}

#: Whether the new cluster has given more transaction ids than the old one; the long form tries both.
AHEAD = [False, True] if os.environ.get("TORTURE_LONG") else [False]

#: The last event of its key, as it stands when its first attempt has failed: behind the position, without an effect.
FAILED_ONCE = """
    insert into heliograph_delivery
        (subscription_id, event_id, position, key, spread, state, attempts, kills, due_at, errors)
    select subscription.id, event.id, place.position, event.key, 0, 'retrying', 1, 0, now(), '[]'
    from heliograph_subscription subscription, heliograph_event event
    join heliograph_position place on place.event_id = event.id
    where subscription.name = 'plain' and event.payload->>'token' = 'to one 39';
    delete from workshop_effect where receiver = 'plain' and token = 'to one 39'
"""


@pytest.mark.parametrize("is_ahead", AHEAD)
def test_a_log_that_is_restored_into_another_cluster(postgresql_bench, new_cluster, cluster, tmp_path, is_ahead):
    old = postgresql_bench(crew="plain")
    send(old, *((f"to one {number}", f"key {number % 3}") for number in range(40)))
    old.drain("--only", "plain")
    send(old, *((f"to none {number}", f"key {number % 3}") for number in range(20)))
    old.rows("select heliograph_sequence()")
    send(old, *((f"without a position {number}", None) for number in range(10)))
    old.rows(FAILED_ONCE)
    new = restored(old, cluster, new_cluster(), tmp_path, is_ahead=is_ahead)
    try:
        stored, now = new.rows(
            "select max(xid::text::bigint), pg_current_xact_id()::text::bigint from heliograph_event"
        )[0]
        assert (now > stored) is is_ahead
        send(new, *((f"after {number}", f"key {number % 3}") for number in range(20)))
        new.drain()
        findings = new.findings(RECEIVERS)
        findings.assert_clean()
        assert (findings.committed, findings.delivered) == (90, 180)
        send(new, ("and on", "key 0"))
        new.drain()
        findings = new.findings(RECEIVERS)
        findings.assert_clean()
        assert (findings.committed, findings.delivered) == (91, 182)
    finally:
        new.close()


def restored(old, cluster, other, folder, *, is_ahead):
    """Copy a workshop's database to another cluster."""
    source, target = postgres_arguments(old.database), postgres_arguments(postgres_database(other.dsn, "restored"))
    admin = Bench(postgres_database(other.dsn, "postgres"), folder)
    admin.rows("create database restored")
    if is_ahead:
        with admin.session() as execute:
            for _ in range(3000):
                execute("select pg_current_xact_id()")
    dumped = cluster.run("pg_dump", *options(source), source["dbname"])
    other.run("psql", "-q", "-v", "ON_ERROR_STOP=1", *options(target), target["dbname"], given=dumped)
    return Bench(postgres_database(other.dsn, "restored"), folder, crew="plain")


def options(arguments):
    return ["-h", arguments["host"], "-p", arguments["port"], "-U", arguments["user"]]
