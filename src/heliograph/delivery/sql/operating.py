"""The statements of the operator's verbs, by the kind of database."""

from __future__ import annotations

#: Begins a change. PostgreSQL: whatever the project's isolation level, what is read behind a lock has to be what its
#: last holder wrote. SQLite: takes the lock at once, as a transaction that has read may be refused it.
BEGIN = {
    "postgresql": "set transaction isolation level read committed",
    "sqlite": "update heliograph_partition set epoch = epoch where id is null",
}

#: Keeps operators from inserting deliveries, and hinders no owner: the events behind these partitions are being pruned.
KEEP = {
    "postgresql": "select id from heliograph_partition where subscription_id = any(%s) order by id for key share",
}

#: Deliveries for several events of a subscription, due now.
ADD_MANY = {
    "postgresql": """
        insert into heliograph_delivery
            (subscription_id, event_id, position, key, spread, state, attempts, kills, due_at, errors)
        select %s, event_id, position, key, spread, state, 0, 0, clock_timestamp(), '[]'
        from unnest(%s::bigint[], %s::bigint[], %s::text[], %s::bigint[], %s::text[])
            as given (event_id, position, key, spread, state)
        order by position
        on conflict (subscription_id, position) do nothing
    """,
    "sqlite": """
        insert into heliograph_delivery
            (subscription_id, event_id, position, key, spread, state, attempts, kills, due_at, errors)
        select %s, json_extract(value, '$[0]'), json_extract(value, '$[1]'), json_extract(value, '$[2]'),
               json_extract(value, '$[3]'), json_extract(value, '$[4]'), 0, 0,
               strftime('%%Y-%%m-%%d %%H:%%M:%%f', 'now'), '[]'
        from json_each(%s) where true order by json_extract(value, '$[1]')
        on conflict (subscription_id, position) do nothing
    """,
}

#: The workers, with the seconds since their last sign.
WORKERS = {
    "postgresql": """
        select id, host, pid, state, extract(epoch from clock_timestamp() - heartbeat_at)::float8
        from heliograph_worker order by id
    """,
    "sqlite": """
        select id, host, pid, state, (julianday('now') - julianday(heartbeat_at)) * 86400.0
        from heliograph_worker order by id
    """,
}

#: Forgets workers that have given no sign for some seconds, if they own nothing: how they went decides how their
#: partitions are taken over.
FORGET_SILENT_WORKERS = {
    "postgresql": """
        delete from heliograph_worker where heartbeat_at < clock_timestamp() - make_interval(secs => %s)
        and not exists (select from heliograph_partition where worker_id = heliograph_worker.id)
    """,
    "sqlite": """
        delete from heliograph_worker where heartbeat_at < strftime('%%Y-%%m-%%d %%H:%%M:%%f', 'now', -%s || ' seconds')
        and not exists (select 1 from heliograph_partition where worker_id = heliograph_worker.id)
    """,
}
