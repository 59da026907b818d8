"""Hearing that another process has committed something to the log of a PostgreSQL database."""

from __future__ import annotations

import logging
import selectors
import threading
from contextlib import closing
from typing import Any

import psycopg

from heliograph.delivery.session.own import open_session
from heliograph.delivery.sql.wake import CHANNEL
from heliograph.delivery.worker.backing_off import BackOff
from heliograph.settings import options

logger = logging.getLogger("heliograph.worker")

#: How long the thread waits before it looks whether it is still wanted.
_WAIT_SECONDS = 0.5


class Listener(threading.Thread):
    """Sets an event when there is news. Where it cannot, the worker finds the news when it looks next."""

    def __init__(self, alias: str, news: threading.Event, stop: threading.Event) -> None:
        super().__init__(name=f"heliograph listener {alias}", daemon=True)
        self._alias = alias
        self._news = news
        self._stop_asked = stop

    def run(self) -> None:
        back_off = BackOff(self._stop_asked)
        while not self._stop_asked.is_set():
            try:
                with closing(self._session()) as session:
                    self._listen(session, back_off)
            except psycopg.Error as error:
                wait = back_off.wait_seconds()
                logger.warning(
                    "database %r: not listening for news (%s); listening again in %.1f s, looking every now and then "
                    "until then",
                    self._alias,
                    str(error).strip(),
                    wait,
                )
                back_off.wait(wait)

    def _session(self) -> Any:
        if (dsn := options().LISTEN_DSN) is not None:
            return psycopg.connect(dsn, autocommit=True)
        try:
            wrapper = open_session(self._alias, own_statements=False)
        except Exception as error:
            raise psycopg.OperationalError(str(error)) from error
        wrapper.inc_thread_sharing()
        session, wrapper.connection = wrapper.connection, None  # this thread closes it
        return session

    def _listen(self, session: Any, back_off: BackOff) -> None:
        (channel,) = session.execute(CHANNEL).fetchone()
        session.execute(psycopg.sql.SQL("listen {}").format(psycopg.sql.Identifier(channel)))
        self._news.set()  # for what has come while nobody listened
        back_off.reset()
        with selectors.DefaultSelector() as selector:
            selector.register(session, selectors.EVENT_READ)
            while not self._stop_asked.is_set():
                if selector.select(_WAIT_SECONDS):
                    self._news.set()  # before it is read what has come: nothing else ever does
                    session.pgconn.consume_input()
                    while session.pgconn.notifies() is not None:
                        pass
