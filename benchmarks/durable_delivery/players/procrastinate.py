"""procrastinate: ten asynchronous jobs at a time, connections in pools, LISTEN, finished jobs deleted.

The effect is a transaction of its own, before the acknowledgement.
"""

import asyncio
import time
from typing import Any

from procrastinate import PsycopgConnector
from procrastinate.contrib.django import app
from procrastinate.contrib.django.utils import connector_params
from psycopg_pool import AsyncConnectionPool

from durable_delivery.players.player import TEXT, Player
from durable_delivery.shop.effects import INSERT, PID

_CONCURRENCY = 10
_pool: Any = None


@app.task(name="delivering")
async def delivering(number: int, text: str) -> None:
    """The task that is measured."""
    async with _pool.connection() as connection:
        await connection.execute(INSERT, (number, time.time(), PID))


class Procrastinate(Player):
    """Options: none."""

    def send(self, number: int) -> None:
        delivering.defer(number=number, text=TEXT)

    def work(self) -> None:
        asyncio.run(_work())


async def _work() -> None:
    global _pool
    size = {"min_size": _CONCURRENCY, "max_size": _CONCURRENCY}
    kwargs = connector_params()
    async with AsyncConnectionPool(kwargs={**kwargs, "autocommit": True}, **size) as _pool:
        with app.replace_connector(PsycopgConnector(kwargs=kwargs, **size)) as working:
            async with working.open_async():
                await working.run_worker_async(concurrency=_CONCURRENCY, delete_jobs="always")


player = Procrastinate
