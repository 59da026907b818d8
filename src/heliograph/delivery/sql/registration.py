"""The statements of registration: which subscriptions a database has. Both databases take them, unless said."""

from __future__ import annotations

#: One registration at a time, by vendor: the others wait. On SQLite a change of nothing takes the lock of the file,
#: which a transaction that begins with a query could not wait for.
LOCK = {
    "postgresql": """
        select pg_advisory_xact_lock((7312::bigint << 32) | 'heliograph_subscription'::regclass::oid::bigint)
    """,
    "sqlite": "update heliograph_subscription set name = name where id is null",
}

#: Every name that stands for a subscription, with the signals that this one reads; null for a name that reads none.
HEARD = """
    select given.name, signal.name, signal.id
    from heliograph_subscriptionname given
    left join heliograph_subscriptionsignal heard on heard.subscription_id = given.subscription_id
    left join heliograph_signalname signal on signal.id = heard.signal_id
"""

#: Every name that stands for a subscription, with that subscription and its own name.
SUBSCRIPTIONS = """
    select given.name, subscription.id, subscription.name
    from heliograph_subscriptionname given
    join heliograph_subscription subscription on subscription.id = given.subscription_id
"""

#: A new subscription.
SUBSCRIBE = "insert into heliograph_subscription (name, paused, created_at) values (%s, false, current_timestamp)"

#: The number of a subscription by its name.
SUBSCRIPTION = "select id from heliograph_subscription where name = %s"

#: Gives a subscription another name of its own.
RENAME = "update heliograph_subscription set name = %s where id = %s"

#: A further name that stands for a subscription.
ADD_NAME = "insert into heliograph_subscriptionname (name, subscription_id) values (%s, %s)"

#: The signals that a subscription reads.
SIGNALS = "select signal_id from heliograph_subscriptionsignal where subscription_id = %s"

#: A further signal that a subscription reads.
ADD_SIGNAL = "insert into heliograph_subscriptionsignal (subscription_id, signal_id) values (%s, %s)"

#: A signal that a subscription reads no longer.
DROP_SIGNAL = "delete from heliograph_subscriptionsignal where subscription_id = %s and signal_id = %s"

#: A partition that nobody owns yet.
ADD_PARTITION = """
    insert into heliograph_partition (subscription_id, number, count, position, epoch) values (%s, %s, %s, %s, 0)
"""

#: The partitions of a subscription, by vendor: their counts, and where they end if they do. Once PostgreSQL has locked
#: them, no owner moves on until the transaction is over; on SQLite there is no other writer.
PARTITIONS = {
    "postgresql": "select count, until from heliograph_partition where subscription_id = %s order by id for update",
    "sqlite": "select count, until from heliograph_partition where subscription_id = %s",
}

#: Keeps the owners of a subscription's partitions from committing anything: they have to look at it again.
END_OWNERSHIP = "update heliograph_partition set epoch = epoch + 1 where subscription_id = %s"

#: Lets the partitions of a subscription end at a position, whoever owns them.
END_PARTITIONS = "update heliograph_partition set until = %s, epoch = epoch + 1 where subscription_id = %s"
