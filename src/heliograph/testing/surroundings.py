"""Where a test stands: in the transaction of a ``TestCase``, or committing."""

from __future__ import annotations

from typing import Any

from heliograph.errors import TransactionError


def refuse_inner_transaction(connection: Any, what: str) -> None:
    """Raise TransactionError inside ``transaction.atomic()``, of which the commit is still to come.

    Args:
        what: is to be done.
    """
    if not connection.in_atomic_block:
        return
    if not getattr(connection.atomic_blocks[-1], "_from_testcase", False):
        raise TransactionError(
            f"{what} where transaction.atomic() is open on {connection.alias!r}: workers see an event once it is "
            f"committed. Call it behind the block."
        )


def refuse_transaction(connection: Any, what: str) -> None:
    """Raise TransactionError in any transaction, which other processes cannot look into.

    Args:
        what: is to be done.
    """
    if connection.in_atomic_block:
        raise TransactionError(
            f"{what} in a transaction on {connection.alias!r}: other processes see only what is committed. In a test: "
            "TransactionTestCase in place of TestCase; with pytest-django, django_db(transaction=True)."
        )
