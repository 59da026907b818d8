"""The statements of delivery on SQLite."""

from __future__ import annotations

from heliograph.delivery.sql.portable import *  # noqa: F403

#: Tells whether a partition is still owned; its transaction is the only one that writes.
FENCE = "select 1 from heliograph_partition where id = %s and epoch = %s"

#: Which of some keys have a delivery that holds them.
TROUBLE = """
    select wanted.value from json_each(%(keys)s) wanted where exists (
        select 1 from heliograph_delivery delivery
        where delivery.subscription_id = %(subscription)s and delivery.key = wanted.value
          and delivery.state in (select value from json_each(%(holding)s))
    )
"""

#: A delivery for an event in trouble.
ADD = """
    insert into heliograph_delivery
        (subscription_id, event_id, position, key, spread, state, attempts, kills, due_at, errors)
    values (%s, %s, %s, %s, %s, %s, %s, %s, strftime('%%Y-%%m-%%d %%H:%%M:%%f', 'now', %s || ' seconds'), %s)
    on conflict (subscription_id, position) do nothing
"""

#: The due deliveries of one share of a subscription, in the order of their events.
DUE = """
    select id, event_id, position, key, attempts, kills, errors from heliograph_delivery
    where subscription_id = %s and state = 'retrying' and due_at <= strftime('%%Y-%%m-%%d %%H:%%M:%%f', 'now')
      and spread %% %s = %s
    order by position limit %s
"""

#: The subscriptions that have due deliveries.
SUBSCRIPTIONS_DUE = """
    select distinct subscription_id from heliograph_delivery
    where state = 'retrying' and due_at <= strftime('%Y-%m-%d %H:%M:%f', 'now')
"""

#: What becomes of a claimed delivery that is not done.
SETTLE = """
    update heliograph_delivery set state = %s, attempts = %s, kills = %s,
        due_at = strftime('%%Y-%%m-%%d %%H:%%M:%%f', 'now', %s || ' seconds'),
        errors = %s
    where id = %s and state = 'running'
"""

#: Lets the next held event of a key go on, if none before it is open.
RELEASE = """
    update heliograph_delivery set state = 'retrying', due_at = strftime('%%Y-%%m-%%d %%H:%%M:%%f', 'now')
    where id = (select id from heliograph_delivery where subscription_id = %(subscription)s and key = %(key)s
                and state = 'held' order by position limit 1)
      and not exists (select 1 from heliograph_delivery where subscription_id = %(subscription)s and key = %(key)s
                      and state in (select value from json_each(%(open)s)))
"""

#: A worker begins.
BEGIN_WORKER = """
    insert into heliograph_worker (host, pid, started_at, heartbeat_at, state)
    values (%s, %s, strftime('%%Y-%%m-%%d %%H:%%M:%%f', 'now'), strftime('%%Y-%%m-%%d %%H:%%M:%%f', 'now'), 'running')
"""

#: The number of the worker that this session has begun.
WORKER_NUMBER = "select last_insert_rowid()"

#: A worker's sign of life.
BEAT = (
    "update heliograph_worker set heartbeat_at = strftime('%%Y-%%m-%%d %%H:%%M:%%f', 'now'), state = %s where id = %s"
)

#: The workers, with the seconds since their last sign; there is no server that could have been restarted after it.
WORKERS = (
    "select id, host, pid, state, (julianday('now') - julianday(heartbeat_at)) * 86400.0, 0 from heliograph_worker"
)
