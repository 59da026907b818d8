"""Which subscriptions of a database this process can read: those whose receiver, and all of whose signals, it has."""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Collection
from typing import Any

from asgiref.sync import async_to_sync, iscoroutinefunction

from heliograph.delivery.declaration.registry import DurableReceiver, durable_receivers
from heliograph.delivery.declaration.signal_names import subscribed_names
from heliograph.delivery.sql.dialect import statements
from heliograph.delivery.worker.reading import Reading
from heliograph.log.execute import rows

logger = logging.getLogger("heliograph.worker")

_told: set[tuple[str, str]] = set()


def readings(connection: Any, only: Collection[str]) -> dict[int, Reading]:
    """Return the subscriptions that this process can read, by number.

    Args:
        only: names of receivers to which to keep; empty for all.
    """
    sql = statements(connection)
    subscriptions = {name: subscription for subscription, name in rows(connection, sql.NAMES)}
    signals: dict[int, dict[int, str]] = defaultdict(dict)
    for subscription, number, name in rows(connection, sql.SIGNALS):
        signals[subscription][number] = name
    found = {}
    for receiver in durable_receivers():
        # Its own name first: a name that it had may still be a subscription of its own, which waits for an operator.
        known_as = [name for name in (receiver.name, *receiver.options.aliases) if name in subscriptions]
        if not known_as or (only and receiver.name not in only):
            continue
        subscription = subscriptions[known_as[0]]
        known = {name: signal for signal in receiver.signals for name in subscribed_names(signal)}
        missing = sorted(set(signals[subscription].values()) - known.keys())
        if missing:
            _tell(connection.alias, receiver, missing)
            continue
        found[subscription] = Reading(
            alias=connection.alias,
            subscription=subscription,
            name=receiver.name,
            receiver=receiver,
            run=async_to_sync(receiver.function) if iscoroutinefunction(receiver.function) else receiver.function,
            signals={number: (name, known[name]) for number, name in signals[subscription].items()},
        )
    return found


def _tell(alias: str, receiver: DurableReceiver, missing: list[str]) -> None:
    if (alias, receiver.name) not in _told:
        _told.add((alias, receiver.name))
        logger.warning(
            "%s is left to workers with newer code: its subscription in database %r also reads %s, which it does not "
            "hear in this process. If there is none, manage.py migrate makes the subscription as it is here.",
            receiver.name,
            alias,
            ", ".join(missing),
        )
