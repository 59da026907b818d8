"""Ids of events: UUIDs of version 7, which sort by the time of their making."""

from __future__ import annotations

import os
import threading
import time
from uuid import UUID

#: Version 7 and the variant, at their places in the 128 bits.
_VERSION_AND_VARIANT = 0x7 << 76 | 0x2 << 62
_COUNTER_BITS = 42
_TAIL_BITS = 32
_RANDOM_BYTES = 10
_SEED_SHIFT = 8 * _RANDOM_BYTES - (_COUNTER_BITS - 1)


class _Clock:
    """The last millisecond used, and the counter within it."""

    __slots__ = ("counter", "lock", "millisecond")

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        self.lock = threading.Lock()
        self.millisecond = 0
        self.counter = 0


_clock = _Clock()


def uuid7() -> UUID:
    """Return a new UUID of version 7.

    Guarantees:
        Within a process each id is greater than those before it, in any thread, also when the system's clock is set
        back. A forked process goes on from a counter of its own.

    Source:
        RFC 9562, section 5.7, with the counter of section 6.2, method 1: 42 bits, begun anew at random in each
        millisecond with the highest bit clear, and 32 random bits behind it.
    """
    random = int.from_bytes(os.urandom(_RANDOM_BYTES), "big")
    millisecond = time.time_ns() // 1_000_000
    clock = _clock
    with clock.lock:
        if millisecond > clock.millisecond:
            clock.millisecond = millisecond
            clock.counter = counter = random >> _SEED_SHIFT
        else:
            clock.counter = counter = clock.counter + 1
            if counter >> _COUNTER_BITS:
                clock.millisecond += 1
                clock.counter = counter = random >> _SEED_SHIFT
            millisecond = clock.millisecond
    high, low = counter >> 30, counter & 0x3FFFFFFF
    tail = random & 0xFFFFFFFF
    return UUID(int=millisecond << 80 | high << 64 | low << _TAIL_BITS | tail | _VERSION_AND_VARIANT)


# A child would share the counter with its parent, and wait for ever for a lock that another thread held at the fork.
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_clock.reset)
