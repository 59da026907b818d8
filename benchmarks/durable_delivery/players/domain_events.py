"""django-domain-events: `deliver_events` with batches of 100 and NOTIFY.

Effect and acknowledgement are one transaction, which each event has for itself.
"""

from dataclasses import dataclass

from django.core.management import call_command
from django_domain_events import DURABLE, event, fire, receiver

from durable_delivery.players.player import TEXT, Player, deliver
from durable_delivery.staging import stage

_deliver = deliver(stage())


@event(name="benchmark.happened")
@dataclass(frozen=True, slots=True)
class Happened:
    """The event that is sent."""

    number: int
    text: str


@receiver(Happened, mode=DURABLE, key="benchmark.delivering")
def delivering(happened: Happened) -> None:
    """The receiver that is measured."""
    _deliver(happened.number)


class DomainEvents(Player):
    """Options: none."""

    def send(self, number: int) -> None:
        fire(Happened(number=number, text=TEXT))

    def work(self) -> None:
        call_command("deliver_events", batch_size=100)


player = DomainEvents
