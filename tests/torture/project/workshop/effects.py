"""Writing down what a receiver has done."""

import os
import random
import time

from workshop.models import Effect

_random = random.Random(os.getpid())
# Else all workers that are forked from one process would stumble over the same calls, and never get over the first.
os.register_at_fork(after_in_child=lambda: _random.seed(os.getpid()))


def did(receiver, token, key, number):
    """Note the effect of an event."""
    Effect.objects.create(receiver=receiver, token=token, key=key, number=number, pid=os.getpid(), at=time.time())


def take_a_while():
    """Take as long as receivers of the mixed crew do: mostly next to nothing, now and then almost 50 ms."""
    time.sleep(_random.choice([0, 0, 0, 0, 0.001, 0.002, 0.005, 0.04]))


def stumble(chance):
    """Fail now and then."""
    if _random.random() < chance:
        raise ValueError("stumbled")
