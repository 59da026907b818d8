"""Celery: late acknowledgement, 128 tasks fetched ahead, the solo pool, persistent connections; RabbitMQ confirms.

Sent by `delay_on_commit`: what a crash loses before it is sent stays lost. Effect and acknowledgement are apart.
"""

import os

from celery import Celery
from celery.contrib.django.task import DjangoTask

from durable_delivery.players.player import TEXT, Player, deliver
from durable_delivery.staging import stage

_BROKERS = {
    "rabbitmq": os.environ.get("HELIOGRAPH_RABBITMQ_URL", "amqp://guest:guest@127.0.0.1:5672//"),
    "redis": os.environ.get("HELIOGRAPH_REDIS_URL", "redis://127.0.0.1:6379/0"),
}
_PUBLISHING = {"rabbitmq": {"confirm_publish": True}, "redis": {}}
#: A queue of its own for each database.
_QUEUE = stage().database["NAME"]
_deliver = deliver(stage())
_broker = stage().options["broker"]

app = Celery("benchmark", broker=_BROKERS[_broker], task_cls=DjangoTask)
app.conf.update(
    task_default_queue=_QUEUE,
    task_acks_late=True,
    task_ignore_result=True,
    worker_prefetch_multiplier=128,
    worker_enable_remote_control=False,
    broker_transport_options=_PUBLISHING[_broker],
    CELERY_DB_REUSE_MAX=1_000_000_000,
)


@app.task(name="delivering")
def delivering(number: int, text: str) -> None:
    """The task that is measured."""
    _deliver(number)


class CeleryPlayer(Player):
    """Options: `broker`, `rabbitmq` or `redis`."""

    def send(self, number: int) -> None:
        delivering.delay_on_commit(number, TEXT)

    def work(self) -> None:
        quiet = ["--without-gossip", "--without-mingle", "--without-heartbeat", "--loglevel", "error"]
        app.worker_main(["worker", "--pool", "solo", *quiet])

    def clean(self) -> None:
        with app.connection_for_write() as connection, connection.channel() as channel:
            channel.queue_delete(_QUEUE)


player = CeleryPlayer
