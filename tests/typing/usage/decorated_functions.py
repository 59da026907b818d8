"""`receiver` and `muted` leave a function the type that it has."""

from collections.abc import Callable, Coroutine
from typing import Any

from heliograph import Signal, muted, receiver

opened = Signal()


@receiver(opened)
def hear(sender: object, *, order: int, **named: Any) -> str:
    return str(order)


@receiver([opened], on_commit=True, name="shop.hear")
async def hear_later(order: int, **named: Any) -> bytes:
    return b""


text: str = hear(None, order=7)
later: Coroutine[Any, Any, bytes] = hear_later(7)
number: int = hear(None, order=7)  # error
hear(None, order="text")  # error
hear_later("text")  # error
receiver(opened, on_commit="yes")  # error
receiver()  # error


@muted(opened, hear)
def quiet(count: int) -> list[str]:
    return [text] * count


@muted(opened)
async def quiet_later(count: int) -> bytes:
    return b"" * count


texts: list[str] = quiet(7)
texts_later: Coroutine[Any, Any, bytes] = quiet_later(7)
quiet("text")  # error
quiet_later("text")  # error
numbers: list[int] = quiet(7)  # error
same: Callable[[int], list[str]] = quiet
with muted(opened) as nothing:
    opened.send(None)
