"""Receivers that cost next to nothing: one shares commits, the other has one for each event."""

import mmap

from heliograph import receiver
from workshop.effects import did
from workshop.signals import made

#: How many events each receiver has got, for the process from which the worker was forked to see. To look at the
#: partitions would not do: their rows are the slower to find, the longer a transaction stays open.
seen = memoryview(mmap.mmap(-1, 16)).cast("Q")


@receiver(made, durable=True, name="shared")
def shared(token, key, number, **_):
    if token.startswith("held"):
        did("shared", token, key, number)
    seen[0] += 1


@receiver(made, durable=True, name="alone", batch=1)
def alone(token, key, number, **_):
    if token.startswith("held"):
        did("alone", token, key, number)
    seen[1] += 1
