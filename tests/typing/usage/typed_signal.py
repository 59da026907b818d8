"""Sending a typed signal: each line that is marked is wrong, every other one is right."""

from typing import Any

from heliograph import receiver, signal


class Order: ...


@signal
def order_created(*, order: Order, note: str = "") -> None:
    """An order and its items have been written."""


@signal
def shop_opened() -> None: ...


order_created.send(None, order=Order())
order_created.send(Order, order=Order(), note="quick")
order_created.send(sender=Order, order=Order())
order_created.send_robust(sender=Order, order=Order())
shop_opened.send(None)

order_created.send(None)  # error
order_created.send(None, order="text")  # error
order_created.send(None, order=Order(), note=7)  # error
order_created.send(None, order=Order(), colour="red")  # error
order_created.send(None, Order())  # error
order_created.send(order=Order())  # error
order_created.send_robust(None)  # error
order_created.send_robust(None, order=None)  # error
shop_opened.send(None, order=Order())  # error


async def sends() -> None:
    await order_created.asend(None, order=Order())
    await order_created.asend_robust(sender=None, order=Order(), note="quick")
    await order_created.asend(None)  # error
    await order_created.asend_robust(None, order=7)  # error


for each, response in order_created.send(None, order=Order()):
    each(order=Order())
    print(response)


@receiver(order_created)
def hear(order: Order, **named: Any) -> None: ...


order_created.connect(hear, sender=Order, weak=False, dispatch_uid="hear")
order_created.disconnect(hear)
name: str | None = order_created.name
