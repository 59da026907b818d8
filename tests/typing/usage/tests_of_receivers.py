"""Tests of signals and receivers: each line that is marked is wrong, every other one is right."""

from heliograph import receiver, signal
from heliograph.testing import adeliver, assert_connected, assert_idempotent, capture, deliver, killed


@signal
def opened(*, door: int) -> None: ...


@receiver(opened, durable=True)
def clerk(door: int, **named: object) -> None: ...


with capture(opened) as sent:
    opened.send(None, door=1)
number: int = sent.one(door=1)["door"]
names: list[str] = [each.receiver for each in deliver(clerk, retries=1, raises=False)]
deliver(clerk, retry=1)  # error
print(deliver().state)  # error
assert_connected(clerk, opened, mode="durable", sender="shop.Door")
assert_connected(clerk)  # error

with assert_idempotent(clerk, ignoring=["shop.Door"]):
    opened.send(None, door=1)
with killed(clerk, at="mid-batch"):
    pass
with killed(clerk):  # error
    pass


async def test() -> None:
    states: list[str] = [each.state for each in await adeliver("shop.receivers.clerk", using="default")]
    print(states, adeliver().receiver)  # error
