"""Writing at full speed, by turns with wake-ups of the workers and without."""

import time

from django.db import connection

from durable_delivery import gate
from durable_delivery.players.heliograph import Heliograph

_WARM_UP = 20
#: Seconds of one turn. All writers have the same turns, by the clock.
_TURN = 0.5


def write(player: Heliograph, seconds: int) -> dict[str, int]:
    """Write for so many seconds once the gate is open, and return how many transactions each kind has made."""
    with player.sending():
        kinds = player.writers()
        for number in range(_WARM_UP):
            for transact in kinds.values():
                transact(number)
        with connection.cursor() as cursor:
            cursor.execute(gate.PASS)
        return _by_turns(kinds, seconds)


def _by_turns(kinds, seconds: int) -> dict[str, int]:
    written = dict.fromkeys(kinds, 0)
    round_of_turns = _TURN * len(kinds)
    begin = (time.time() // round_of_turns + 1) * round_of_turns
    end = begin + max(1, seconds // round_of_turns) * round_of_turns
    names = list(kinds)
    while (now := time.time()) < end:
        name = names[int(now / _TURN) % len(names)]
        kinds[name](0)
        if now >= begin:
            written[name] += 1
    return written
