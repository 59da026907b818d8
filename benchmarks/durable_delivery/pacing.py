"""Events with pauses between them, for how soon each is delivered."""

import random
import time

from durable_delivery.players.player import Player

#: Between two events, at random: no worker can get into step with the sender.
_LEAST_PAUSE, _MOST_PAUSE = 0.02, 0.06


def send_slowly(player: Player, count: int) -> dict[int, float]:
    """Send events one by one, and return when each was about to be committed, by its number."""
    committed = {}
    with player.sending():
        for number in range(count):
            time.sleep(random.uniform(_LEAST_PAUSE, _MOST_PAUSE))
            committed[number] = player.send_noting_the_time(number)
    return committed
