"""Signals without a declared payload take anything by keyword, as Django's do."""

from typing import Any

import heliograph
from heliograph import Signal, receiver

opened = Signal()
named = Signal(use_caching=True, name="shop.named")

Signal(name=7)  # error
Signal(True, "shop.named")  # error

heliograph.reciever(opened)  # error

opened.send(None)
opened.send(sender=object(), order=7, note="quick")
opened.send_robust("shop", anything=[])
opened.send(None, 7)  # error
opened.send()  # error


def hear(sender: object, **named: Any) -> None: ...


opened.connect(hear)
opened.connect(hear, object, False, "uid")
opened.connect(hear, sender=object, weak=True, dispatch_uid=("shop", 1))
opened.connect(7)  # error
opened.connect(hear, colour="red")  # error
connected: bool = opened.disconnect(hear, sender=object)
listened: bool = opened.has_listeners("shop")
receiver([opened, named], sender="shop.Order", apps=None, colour="red")(hear)


async def sends() -> None:
    await opened.asend(None, order=7)
    responses = await opened.asend_robust(None, order=7)
    for each, response in responses:
        each(response)


class Weighted(Signal):
    """A subclass with options of its own."""

    def __init__(self, weight: int = 1) -> None:
        super().__init__()
        self.weight = weight


weight: int = Weighted(weight=7).weight
Weighted(weight="heavy")  # error
