"""A thread with a connection of its own, whose transactions are begun and ended by hand."""

import queue
import threading

from django.db import connection, transaction


class Hand(threading.Thread):
    """Calls what it is given, one after the other; whoever gives it waits for the answer."""

    def __init__(self):
        super().__init__(daemon=True)
        self._asked = queue.SimpleQueue()
        self._answers = queue.SimpleQueue()
        self._block = None
        self.start()

    def __call__(self, function, *given):
        self._asked.put((function, given))
        error, answer = self._answers.get(timeout=60)
        if error:
            raise error
        return answer

    def begin(self):
        """Begin a transaction."""
        self(self._enter)

    def commit(self):
        """Commit it."""
        self(self._leave)

    def take_xid(self):
        """Let the transaction have its id now."""
        self(self._take_xid)

    def run(self):
        while True:
            function, given = self._asked.get()
            try:
                self._answers.put((None, function(*given)))
            except Exception as error:  # noqa: BLE001 - raised where it was asked for
                self._answers.put((error, None))

    def _enter(self):
        self._block = transaction.atomic()
        self._block.__enter__()

    def _leave(self):
        self._block.__exit__(None, None, None)

    def _take_xid(self):
        with connection.cursor() as cursor:
            cursor.execute("select pg_current_xact_id()")
