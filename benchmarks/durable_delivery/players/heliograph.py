"""Heliograph."""

from collections.abc import Callable
from functools import partial
from typing import Any

from django.core.management import call_command

from durable_delivery.players.heliograph_clones import clone, sequence
from durable_delivery.players.player import TEXT, Player, Transaction, deliver
from durable_delivery.shop.models import Note
from durable_delivery.staging import stage
from heliograph import Signal, receiver
from heliograph.delivery.recording import recorder

happened = Signal(name="benchmark.happened")
happened_to = Signal(name="benchmark.happened_to", key="customer")
rarely = Signal(name="benchmark.rarely")

#: Keys of the events that have one.
_CUSTOMERS = 97

#: These are for the player; the others are the durable receiver's.
_options = dict(stage().options)
_keyed = _options.pop("keyed", False)
_cloned = _options.pop("cloned", False)
_rare = _options.pop("rare", 0)
_audience = _options.pop("audience", 1)
_neighbours = _options.pop("neighbours", 0)
_deliver = deliver(stage())


def _delivering(number: int, **_: Any) -> None:
    """The receiver that is measured."""
    _deliver(number)


def _connect(name: str, *signals: Signal) -> None:
    connected = partial(_delivering)
    _connected.append(connected)
    receiver(list(signals), durable=True, name=f"benchmark.{name}", **_options)(connected)


#: Signals hold them by weak reference.
_connected: list[Any] = []
for _number in range(_audience):
    _connect(f"delivering_{_number}", rarely if _rare else happened, happened_to)


class Heliograph(Player):
    """Options: those of a durable receiver, and

    - keyed: send events with a key
    - cloned: send a backlog by copying one event in the log
    - rare: every so many-th event of a backlog is of the signal that is heard; the others are heard elsewhere
    - audience: so many receivers of each event
    - neighbours: so many receivers of other signals in the worker
    """

    def send(self, number: int) -> None:
        if _rare and number % _rare == 0:
            rarely.send(None, number=number, text=TEXT)
        elif _keyed:
            happened_to.send(None, number=number, text=TEXT, customer=number % _CUSTOMERS)
        else:
            happened.send(None, number=number, text=TEXT)

    def preload(self, count: int) -> None:
        if _rare:
            _connect("elsewhere", happened)
        if not _cloned:
            super().preload(count)
            return
        super().preload(2 if _rare else 1)
        clone(count, keys=_CUSTOMERS, every=_rare)
        if _rare:
            sequence()

    def work(self) -> None:
        for number in range(_neighbours):
            _connect(f"neighbour_{number}", Signal(name=f"benchmark.elsewhere_{number}"))
        call_command("signals", "worker")

    def transactions(self) -> dict[str, Transaction]:
        from durable_delivery.players.heliograph_audience import happened_widely, noted

        note = Note.objects.create(text=TEXT)
        return {
            **super().transactions(),
            "10 receivers": partial(self.one, lambda number: _send(happened_widely, number=number, text=TEXT)),
            "instance": partial(self.one, lambda _: _send(noted, instance=note)),
        }

    def writers(self) -> dict[str, Transaction]:
        """Return a transaction that wakes the workers, and one that does not."""
        wake = recorder.wake_for_events

        def one(wake: Callable[[Any], None], number: int) -> None:
            recorder.wake_for_events = wake
            self.one(self.send, number)

        return {"waking": partial(one, wake), "silent": partial(one, lambda _: None)}


def _send(signal: Signal, **payload: Any) -> None:
    signal.send(None, **payload)


player = Heliograph
