"""django-reliable-outbox: `outbox_worker` with batches of 100 and NOTIFY, one thread.

Effect and acknowledgement are one transaction, which each event has for itself.
"""

from django.core.management import call_command
from reliable_outbox import Envelope, handler, publish

from durable_delivery.players.player import TEXT, Player, deliver
from durable_delivery.staging import stage

_deliver = deliver(stage())


@handler("benchmark.happened")
def delivering(envelope: Envelope) -> None:
    """The handler that is measured."""
    _deliver(envelope.payload["number"])


class ReliableOutbox(Player):
    """Options: none."""

    def send(self, number: int) -> None:
        publish("benchmark.happened", {"number": number, "text": TEXT})

    def work(self) -> None:
        call_command("outbox_worker")


player = ReliableOutbox
