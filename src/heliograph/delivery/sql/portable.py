"""Statements that PostgreSQL and SQLite share. Times are the database's; those of its own clock are in its module."""

from __future__ import annotations

#: Every partition with what decides who may own it: a row for each.
PARTITIONS = """
    select partition.id, partition.subscription_id, partition.number, partition.count, partition.position,
           partition.until, partition.epoch, partition.worker_id, partition.in_hand, subscription.paused
    from heliograph_partition partition
    join heliograph_subscription subscription on subscription.id = partition.subscription_id
    order by partition.id
"""

#: The names that stand for each subscription.
NAMES = "select subscription_id, name from heliograph_subscriptionname"

#: The signals that each subscription reads, by number and name.
SIGNALS = """
    select reads.subscription_id, signal.id, signal.name
    from heliograph_subscriptionsignal reads join heliograph_signalname signal on signal.id = reads.signal_id
"""

#: Makes a partition a worker's own, unless somebody has been quicker.
OWN = "update heliograph_partition set worker_id = %s, epoch = epoch + 1 where id = %s and epoch = %s"

#: Hands a partition back, with how far it has been looked through. Whoever has seen it owned has to look again.
HAND_BACK = """
    update heliograph_partition
    set worker_id = null, in_hand = null, position = coalesce(%s, position), epoch = epoch + 1
    where id = %s and epoch = %s
"""

#: Where a partition stands that is still owned: its position, and the one of the event that a mark was set for.
STANDING = "select position, in_hand from heliograph_partition where id = %s and epoch = %s"

#: Moves a position; no row if the ownership is lost.
MOVE = "update heliograph_partition set position = %s, in_hand = null where id = %s and epoch = %s"

#: Marks the event at a position as about to be run, for an owner that goes one by one.
MARK = "update heliograph_partition set in_hand = %s where id = %s and epoch = %s"

#: Takes away a partition that has come to the end set for it.
RETIRE = "delete from heliograph_partition where id = %s and epoch = %s and position >= until"

#: Moves a due delivery to running, which commits the attempt.
CLAIM = "update heliograph_delivery set state = 'running', attempts = attempts + 1 where id = %s and state = 'retrying'"

#: Ends a delivery: done.
FINISH = "delete from heliograph_delivery where id = %s and state = 'running'"

#: Deliveries that an owner had claimed, of one share of a subscription.
CLAIMED = """
    select id, event_id, position, key, attempts, kills, errors from heliograph_delivery
    where subscription_id = %s and state = 'running' and spread %% %s = %s
"""

#: Takes away a worker that has stopped.
FORGET_WORKER = "delete from heliograph_worker where id = %s"
