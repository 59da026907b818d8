"""PgQueuer: asyncpg on uvloop, a pool of ten connections, batches of 100, its own settings of autovacuum.

The effect is a transaction of its own, before the acknowledgement.
"""

import asyncio
import json
import signal
import time
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import asyncpg
import uvloop
from django.conf import settings
from pgqueuer import PgQueuer
from pgqueuer.db import AsyncpgDriver
from pgqueuer.models import Job
from pgqueuer.queries import Queries

from durable_delivery.players.player import TEXT, Player, Transaction
from durable_delivery.shop.effects import PID
from durable_delivery.staging import Stage

_INSERT = "INSERT INTO shop_effect (event, started, worker) VALUES ($1, $2, $3)"
_NOTE = "INSERT INTO shop_note (text) VALUES ($1)"
_BATCH = 100
_POOL = 10


class PgQueuerPlayer(Player):
    """Sends on a connection of asyncpg, in its transactions."""

    def __init__(self, stage: Stage) -> None:
        super().__init__(stage)
        self._loop = uvloop.new_event_loop()

    def prepare(self) -> None:
        self._run(_install())

    def preload(self, count: int) -> None:
        self._run(_preload(count))

    def work(self) -> None:
        self._run(_work())

    @contextmanager
    def sending(self) -> Iterator[None]:
        self._connection = self._run(asyncpg.connect(**_where()))
        self._queries = Queries(AsyncpgDriver(self._connection))
        yield
        self._run(self._connection.close())

    def transactions(self) -> dict[str, Transaction]:
        return {"base": partial(self._one, with_event=False), "event": partial(self._one, with_event=True)}

    def send_noting_the_time(self, number: int) -> float:
        return self._run(self._send_noting_the_time(number))

    def _one(self, number: int, *, with_event: bool) -> None:
        self._run(self._transact(number, with_event=with_event))

    async def _transact(self, number: int, *, with_event: bool) -> None:
        async with self._connection.transaction():
            await self._connection.execute(_NOTE, TEXT)
            if with_event:
                await self._queries.enqueue("delivering", _payload(number))

    async def _send_noting_the_time(self, number: int) -> float:
        async with self._connection.transaction():
            await self._connection.execute(_NOTE, TEXT)
            await self._queries.enqueue("delivering", _payload(number))
            return time.time()

    def _run(self, coroutine: Coroutine[Any, Any, Any]) -> Any:
        return self._loop.run_until_complete(coroutine)


async def _install() -> None:
    connection = await asyncpg.connect(**_where())
    queries = Queries(AsyncpgDriver(connection))
    await queries.install()
    await queries.optimize_autovacuum()
    await connection.close()


async def _preload(count: int) -> None:
    connection = await asyncpg.connect(**_where())
    queries = Queries(AsyncpgDriver(connection))
    for first in range(0, count, _BATCH):
        numbers = range(first, min(first + _BATCH, count))
        names = ["delivering"] * len(numbers)
        await queries.enqueue(names, [_payload(number) for number in numbers], [0] * len(numbers))
    await connection.close()


async def _work() -> None:
    async with asyncpg.create_pool(**_where(), min_size=_POOL, max_size=_POOL) as pool:
        queuer = PgQueuer.from_asyncpg_pool(pool)

        @queuer.entrypoint("delivering")
        async def delivering(job: Job) -> None:
            async with pool.acquire() as connection:
                await connection.execute(_INSERT, json.loads(job.payload)["number"], time.time(), PID)

        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, queuer.shutdown.set)
        await queuer.run(batch_size=_BATCH)


def _payload(number: int) -> bytes:
    return json.dumps({"number": number, "text": TEXT}).encode()


def _where() -> dict[str, Any]:
    database = settings.DATABASES["default"]
    return {
        "host": database["HOST"],
        "port": int(database["PORT"]),
        "user": database["USER"],
        "password": database["PASSWORD"] or None,
        "database": database["NAME"],
    }


player = PgQueuerPlayer
