"""Subscriptions as an operator names them, and the receivers that this process has for them."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Sequence

from heliograph.delivery.declaration.registry import DurableReceiver, durable_receivers
from heliograph.errors import UnknownSubscriptionError
from heliograph.models import Subscription, SubscriptionName


def find(alias: str, name: str) -> Subscription:
    """Return the subscription of a name that it has or had.

    Raises:
        UnknownSubscriptionError: there is none; the message names the nearest.
    """
    names = _names(alias)
    if name not in names:
        raise UnknownSubscriptionError(_unknown(name, names))
    return Subscription.objects.using(alias).get(pk=names[name])


def where(aliases: Sequence[str], name: str) -> list[str]:
    """Return the databases that have a subscription of a name.

    Raises:
        UnknownSubscriptionError: none has; the message names the nearest.
    """
    names = {alias: _names(alias) for alias in aliases}
    found = [alias for alias in aliases if name in names[alias]]
    if not found:
        raise UnknownSubscriptionError(_unknown(name, {each for some in names.values() for each in some}))
    return found


def receiver_of(alias: str, subscription: int) -> DurableReceiver | None:
    """Return the receiver that this process has for a subscription; None for one that is orphaned."""
    return receivers(alias).get(subscription)


def receivers(alias: str) -> dict[int, DurableReceiver]:
    """Return the receivers of this process by the subscriptions that they have in a database.

    A receiver whose own name is not in the database yet has the subscription of a name that it had.
    """
    names = _names(alias)
    found: dict[int, DurableReceiver] = {}
    for receiver in durable_receivers():
        known = [each for each in (receiver.name, *receiver.options.aliases) if each in names]
        if known:
            found[names[known[0]]] = receiver
    return found


def ordering_of(receiver: DurableReceiver | None) -> str:
    """Return the ordering of a subscription; that which keeps most in order where its receiver is not known."""
    return receiver.options.ordering if receiver else "key"


def _names(alias: str) -> dict[str, int]:
    return dict(SubscriptionName.objects.using(alias).values_list("name", "subscription_id"))


def _unknown(name: str, names: Collection[str]) -> str:
    ends = {each.rpartition(".")[2]: each for each in names}
    near = difflib.get_close_matches(name, names, n=1) or [
        ends[match] for match in difflib.get_close_matches(name.rpartition(".")[2], ends, n=1)
    ]
    remedy = f"Did you mean {near[0]!r}?" if near else "`manage.py signals status` shows those there are."
    return f"No durable receiver {name!r} is registered. {remedy}"
