"""One process of a contender: `python -m durable_delivery.act ACTION [COUNT]`."""

import importlib
import json
import sys

import django
from django.core.management import call_command

from durable_delivery.staging import stage


def main(action: str, count: int = 0) -> None:
    """Set Django up, and do one thing with the player of this stage; what comes of it is printed as JSON."""
    django.setup()
    module = importlib.import_module(f"durable_delivery.players.{stage().player}")
    player = module.player(stage())
    match action:
        case "prepare":
            call_command("migrate", run_syncdb=True, verbosity=0)
            player.prepare()
        case "preload":
            player.preload(count)
        case "work":
            player.work()
        case "clean":
            player.clean()
        case "sending":
            from durable_delivery.sending import time_transactions

            print(json.dumps(time_transactions(player, count)))
        case "writing":
            from durable_delivery.writing import write

            print(json.dumps(write(player, count)))
        case "pacing":
            from durable_delivery.pacing import send_slowly

            print(json.dumps(send_slowly(player, count)))


if __name__ == "__main__":
    main(sys.argv[1], *map(int, sys.argv[2:]))
