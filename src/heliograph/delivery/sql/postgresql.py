"""The statements of delivery on PostgreSQL."""

from __future__ import annotations

from heliograph.delivery.sql.portable import *  # noqa: F403

#: Moves a position, given where its row was last seen; returns where it is now. Fails if the ownership is lost.
MOVE_CHECKED = "select heliograph_move({partition}, {epoch}, {place}, {position})"

#: SQLSTATE of that failure.
OWNERSHIP_LOST = "HG001"

#: Keeps a partition's epoch as it is until the end of the transaction; no row if the ownership is lost.
FENCE = "select 1 from heliograph_partition where id = %s and epoch = %s for share"

#: Which of some keys have a delivery that holds them.
TROUBLE = """
    select wanted.key from unnest(%(keys)s::text[]) wanted (key) cross join lateral (
        select from heliograph_delivery delivery
        where delivery.subscription_id = %(subscription)s and delivery.key = wanted.key
          and delivery.state = any(%(holding)s)
        limit 1
    ) first
"""

#: A delivery for an event in trouble.
ADD = """
    insert into heliograph_delivery
        (subscription_id, event_id, position, key, spread, state, attempts, kills, due_at, errors)
    values (%s, %s, %s, %s, %s, %s, %s, %s, clock_timestamp() + make_interval(secs => %s), %s)
    on conflict (subscription_id, position) do nothing
"""

#: The due deliveries of one share of a subscription, in the order of their events.
DUE = """
    select id, event_id, position, key, attempts, kills, errors from heliograph_delivery
    where subscription_id = %s and state = 'retrying' and due_at <= clock_timestamp() and spread %% %s = %s
    order by position limit %s
"""

#: The subscriptions that have due deliveries.
SUBSCRIPTIONS_DUE = """
    select distinct subscription_id from heliograph_delivery where state = 'retrying' and due_at <= clock_timestamp()
"""

#: What becomes of a claimed delivery that is not done.
SETTLE = """
    update heliograph_delivery set state = %s, attempts = %s, kills = %s,
        due_at = clock_timestamp() + make_interval(secs => %s),
        errors = %s
    where id = %s and state = 'running'
"""

#: Lets the next held event of a key go on, if none before it is open.
RELEASE = """
    update heliograph_delivery set state = 'retrying', due_at = clock_timestamp()
    where id = (select id from heliograph_delivery where subscription_id = %(subscription)s and key = %(key)s
                and state = 'held' order by position limit 1)
      and not exists (select from heliograph_delivery where subscription_id = %(subscription)s and key = %(key)s
                      and state = any(%(open)s))
"""

#: A worker begins, and gets its number.
BEGIN_WORKER = """
    insert into heliograph_worker (host, pid, started_at, heartbeat_at, state)
    values (%s, %s, clock_timestamp(), clock_timestamp(), 'running') returning id
"""

#: A worker's sign of life.
BEAT = "update heliograph_worker set heartbeat_at = clock_timestamp(), state = %s where id = %s"

#: The workers, with the seconds since their last sign and whether the server was restarted after it.
WORKERS = """
    select id, host, pid, state, extract(epoch from clock_timestamp() - heartbeat_at)::float8,
           pg_postmaster_start_time() > heartbeat_at
    from heliograph_worker
"""

#: When the server was started.
SERVER_STARTED = "select extract(epoch from pg_postmaster_start_time())::float8"

#: Ends a session.
END_SESSION = "select pg_terminate_backend(%s)"

#: Checks what is deferred, keeps the work since the last savepoint and sets the next, in one round trip. Then all that
#: is deferrable is deferred, also what is so only when somebody asks for it: that is put right by what follows.
NEXT_SAVEPOINT = (
    "set constraints all immediate; set constraints all deferred; release savepoint {done}; savepoint {next}"
)

#: The statement that makes immediate again what is deferrable and begins as immediate; null where there is nothing.
#: One that has gone since must not stop a session that has learnt this once. A constraint of a partitioned table
#: takes those of its partitions along; SET CONSTRAINTS needs the use of the schema.
IMMEDIATE_AGAIN = """
    select 'do ' || quote_literal('begin ' || string_agg(format(
        'begin set constraints %I.%I immediate; '
        'exception when undefined_object or invalid_schema_name or insufficient_privilege then null; end;',
        schema, name
    ), ' ') || ' end')
    from (
        select distinct pg_namespace.nspname as schema, pg_constraint.conname as name
        from pg_constraint
        join pg_class on pg_class.oid = pg_constraint.conrelid
        join pg_namespace on pg_namespace.oid = pg_constraint.connamespace
        where condeferrable and not condeferred and conparentid = 0 and relpersistence <> 't'
          and has_schema_privilege(pg_namespace.oid, 'usage')
    ) initially_immediate
"""
