"""Heliograph."""

from functools import partial
from typing import Any

from django.core.management import call_command

from durable_delivery.players.player import TEXT, Player, Transaction, deliver
from durable_delivery.shop.models import Note
from durable_delivery.staging import stage
from heliograph import Signal, receiver

happened = Signal(name="benchmark.happened")
happened_to = Signal(name="benchmark.happened_to", key="customer")

#: Keys of the events that have one.
_CUSTOMERS = 97

#: `keyed` is for the sender; the others are the durable receiver's.
_options = dict(stage().options)
_keyed = _options.pop("keyed", False)
_deliver = deliver(stage())


@receiver([happened, happened_to], durable=True, **_options)
def delivering(number: int, **_: Any) -> None:
    """The receiver that is measured."""
    _deliver(number)


class Heliograph(Player):
    """Options: those of a durable receiver; `keyed` for events with a key."""

    def send(self, number: int) -> None:
        if _keyed:
            happened_to.send(None, number=number, text=TEXT, customer=number % _CUSTOMERS)
        else:
            happened.send(None, number=number, text=TEXT)

    def work(self) -> None:
        call_command("signals", "worker")

    def transactions(self) -> dict[str, Transaction]:
        from durable_delivery.players.heliograph_audience import happened_widely, noted

        note = Note.objects.create(text=TEXT)
        return {
            **super().transactions(),
            "10 receivers": partial(self.one, lambda number: _send(happened_widely, number=number, text=TEXT)),
            "instance": partial(self.one, lambda _: _send(noted, instance=note)),
        }


def _send(signal: Signal, **payload: Any) -> None:
    signal.send(None, **payload)


player = Heliograph
