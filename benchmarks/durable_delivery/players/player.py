"""What the benchmark asks of a library."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial

from django.db import connection, transaction

from durable_delivery.shop.effects import Counting, Deliver, by_cursor, by_orm
from durable_delivery.staging import Stage

#: With the number and the names, a payload is about 90 bytes of JSON.
TEXT = "the customer asked for a call back in the late afternoon"
#: One transaction of a sender, with the number of its event.
Transaction = Callable[[int], None]
#: Events of a backlog are sent so many to a transaction.
_CHUNK = 100


class Player:
    """A library on one stage. What is here suits those that send in a transaction of Django's connection."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage

    def prepare(self) -> None:
        """Make what the library needs in a database that is migrated."""

    def send(self, number: int) -> None:
        """Send one event, in the open transaction."""
        raise NotImplementedError

    def work(self) -> None:
        """Be one worker process, in the best setting, until a SIGTERM."""
        raise NotImplementedError

    def clean(self) -> None:
        """Take away what the library has left outside the database."""

    def preload(self, count: int) -> None:
        """Send a backlog."""
        for first in range(0, count, _CHUNK):
            with transaction.atomic():
                for number in range(first, min(first + _CHUNK, count)):
                    self.send(number)

    def transactions(self) -> dict[str, Transaction]:
        """Return the transactions whose times are compared: one without an event, and those with one."""
        return {"base": partial(self.one, None), "event": partial(self.one, self.send)}

    def one(self, send: Transaction | None, number: int) -> None:
        """BEGIN, one row, perhaps an event, COMMIT."""
        with transaction.atomic():
            write_note()
            if send is not None:
                send(number)

    def send_noting_the_time(self, number: int) -> float:
        """Send one event in a transaction that writes a row, and return when it was about to be committed."""
        with transaction.atomic():
            write_note()
            self.send(number)
            return time.time()

    @contextmanager
    def sending(self) -> Iterator[None]:
        """Hold what a sender needs for as long as it sends."""
        connection.ensure_connection()
        yield


def write_note() -> None:
    """Write the row that a sender writes beside its event."""
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO shop_note (text) VALUES (%s)", (TEXT,))


def deliver(stage: Stage) -> Deliver:
    """Return what a receiver does on a stage, where it has Django's connection."""
    if stage.effect == "nothing":
        return Counting(stage.events, stage.report_file)
    return {"cursor": by_cursor, "orm": by_orm}[stage.effect]
