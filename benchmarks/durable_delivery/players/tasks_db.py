"""django-tasks-db: `db_worker` on a persistent connection, without the delay at its start; it polls each second.

A task is claimed, run and settled in transactions of their own.
"""

from django.core.management import call_command
from django.tasks import task

from durable_delivery.players.player import TEXT, Player, deliver
from durable_delivery.staging import stage

_deliver = deliver(stage())


@task
def delivering(number: int, text: str) -> None:
    """The task that is measured."""
    _deliver(number)


class TasksDb(Player):
    """Options: none."""

    def send(self, number: int) -> None:
        delivering.enqueue(number, TEXT)

    def work(self) -> None:
        call_command("db_worker", startup_delay=False, verbosity=0)


player = TasksDb
