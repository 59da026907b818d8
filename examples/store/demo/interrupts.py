"""Ctrl-C, SIGTERM and a closed terminal all end the demo, and wait where they must."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

ENDINGS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def end_at_first() -> None:
    """Raise KeyboardInterrupt at the first such signal."""
    # At SIGINT too, because a shell starts background jobs deaf to it.
    for number in ENDINGS:
        signal.signal(number, _end)


def _end(number: int, frame: FrameType | None) -> None:
    # `make` may pass on a second one, which changes nothing.
    for each in ENDINGS:
        signal.signal(each, signal.SIG_IGN)
    raise KeyboardInterrupt


@contextmanager
def kept_waiting() -> Iterator[None]:
    """Let such a signal wait for the end of the block."""
    came: list[int] = []
    before = {number: signal.signal(number, lambda number, frame: came.append(number)) for number in ENDINGS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        for number in came:
            signal.raise_signal(number)
