"""huey: SqliteHuey in a file of its own, without fsync and without results, one worker thread.

A task leaves the queue before it runs, so it runs at most once.
"""

from django.conf import settings
from django.db import transaction
from huey import SqliteHuey

from durable_delivery.players.player import TEXT, Player, deliver
from durable_delivery.staging import stage

_deliver = deliver(stage())
queue = SqliteHuey(filename=f"{settings.DATABASES['default']['NAME']}.huey", fsync=False, results=False)


@queue.task()
def delivering(number: int, text: str) -> None:
    """The task that is measured."""
    _deliver(number)


class Huey(Player):
    """Options: none."""

    def send(self, number: int) -> None:
        transaction.on_commit(lambda: delivering(number, TEXT))

    def work(self) -> None:
        queue.create_consumer(workers=1, periodic=False).run()


player = Huey
