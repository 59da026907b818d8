"""Signals with a key: each line that is marked is wrong, every other one is right."""

from typing import Any

from heliograph import Signal, receiver, signal


@signal
def opened(*, door: int) -> None: ...


@signal(key="order", name="shop.paid", aliases=["shop.payed"])
def paid(*, order: int, method: str = "card") -> None: ...


@signal()
def closed(*, door: int) -> None: ...


plain = Signal(key=lambda order, **_: order, aliases=("shop.plain",))

opened.send(None, door=1)
paid.send(None, order=1)
closed.send(None, door=1)
paid.send_many(None, [{"order": 1}, {"order": 2, "method": "cash"}])


async def pay_all() -> list[list[tuple[Any, Any]]]:
    await paid.asend_many(None, [{"order": 1}])
    await paid.asend_many(None, 7)  # error
    await paid.asend_many(None)  # error
    paid.asend_many(None, []).append(None)  # error
    return await plain.asend_many(None, ({"order": order} for order in range(2)))


key: str | None = paid.ordering_key({"order": 1})

opened.send(None, door="front")  # error
paid.send(None, order="first")  # error
closed.send(None)  # error
paid.send_many(None, 7)  # error
signal(key=7)  # error
signal(name=7)  # error
Signal(key=7)  # error
Signal(aliases=7)  # error
number: int = paid.ordering_key({})  # error


@receiver([paid, plain], durable=True, partitions=4, sender=int)
def hear(order: int, **named: Any) -> str:
    return ""


text: str = hear(7)
number = hear(7)  # error
receiver(paid, durable="yes")  # error
