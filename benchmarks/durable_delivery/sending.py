"""What sending costs in the sender's process: its transactions with an event and without, in turn."""

import time
from typing import Any

from django.db import connection

from durable_delivery.players.player import Player, Transaction

#: Before anything is measured: connections, plans, caches and registrations are there.
_WARM_UP = 20
#: The log's growth is measured over more transactions than are timed, of one kind after the other.
_LOGGED = 2


def time_transactions(player: Player, count: int) -> dict[str, Any]:
    """Time transactions of each kind, one of each in turn, and note where each kind begins and ends in the WAL.

    Returns:
        By kind: `seconds` of each transaction, and `wal`, the LSN before and after `logged` transactions of this kind.
    """
    with player.sending():
        kinds = player.transactions()
        for number in range(_WARM_UP):
            for transact in kinds.values():
                transact(number)
        seconds: dict[str, list[float]] = {kind: [] for kind in kinds}
        for number in range(count):
            for kind, transact in kinds.items():
                began = time.perf_counter()
                transact(number)
                seconds[kind].append(time.perf_counter() - began)
        logged = count * _LOGGED
        wal = (
            {kind: _logged(transact, logged) for kind, transact in kinds.items()}
            if connection.vendor == "postgresql"
            else {}
        )
    return {"seconds": seconds, "wal": wal, "logged": logged}


def _logged(transact: Transaction, count: int) -> tuple[str, str]:
    before = _lsn()
    for number in range(count):
        transact(number)
    return before, _lsn()


def _lsn() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_current_wal_insert_lsn()::text")
        ((lsn,),) = cursor.fetchall()
        return str(lsn)
