"""What this process knows of the subscriptions that a database has, so that a send need not ask."""

from __future__ import annotations

import weakref
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db import transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class Registered:
    """The subscriptions of one database.

    Attributes:
        names: all that stand for a subscription.
        heard: for each signal the names of the subscriptions that read it.
        numbers: for each signal its number.
    """

    names: frozenset[str]
    heard: Mapping[str, frozenset[str]]
    numbers: Mapping[str, int]

    def number(self, signal: str, names: Iterable[str]) -> int | None:
        """Return the number of a signal, if there is a subscription to it under each of some names."""
        heard = self.heard.get(signal)
        return self.numbers[signal] if heard is not None and heard.issuperset(names) else None


class _Uncommitted:
    """What is known within a transaction that has registered something, which others may never see.

    As a hook of that transaction it is forgotten when the transaction, or its savepoint, is rolled back.
    """

    __slots__ = ("alias", "registered")

    def __init__(self, alias: str, registered: Registered) -> None:
        self.alias = alias
        self.registered = registered

    def __call__(self) -> None:
        connection = transaction.get_connection(self.alias)
        if not connection.in_atomic_block:  # tests call the hooks of transactions that they roll back
            _committed[self.alias] = self.registered
            _uncommitted.pop(connection, None)


_committed: dict[str, Registered] = {}
_uncommitted: weakref.WeakKeyDictionary[Any, _Uncommitted] = weakref.WeakKeyDictionary()


def known(connection: Any) -> Registered | None:
    """Return what is known to be registered, as the open transaction of a connection sees it."""
    if _uncommitted and (own := _in_transaction(connection)) is not None:
        return own.registered
    return _committed.get(connection.alias)


def remember(connection: Any, registered: Registered, *, written: bool) -> None:
    """Remember what is registered: in the process if it is committed, else until its transaction ends.

    Args:
        connection: the one that has read it.
        written: its open transaction may have written some of it.
    """
    if not connection.in_atomic_block:
        if connection.get_autocommit():  # else nobody would tell of the commit
            _committed[connection.alias] = registered
    elif written or _hooks(connection):
        _uncommitted[connection] = hook = _Uncommitted(connection.alias, registered)
        transaction.on_commit(hook, using=connection.alias)
    else:
        _committed[connection.alias] = registered


def forget(alias: str) -> None:
    """Forget what is known of a database: it is to be asked."""
    _committed.pop(alias, None)
    for connection in [each for each in list(_uncommitted) if each.alias == alias]:
        _uncommitted.pop(connection, None)


def _in_transaction(connection: Any) -> _Uncommitted | None:
    """Return the last hook that the open transaction of a connection still has."""
    hooks = _hooks(connection) if connection in _uncommitted else []
    if not hooks:
        _uncommitted.pop(connection, None)
        return None
    return hooks[-1]


def _hooks(connection: Any) -> list[_Uncommitted]:
    return [hook for _, hook, *_ in connection.run_on_commit if isinstance(hook, _Uncommitted)]
