"""Producers: processes that write in all the ways in which transactions end."""

import time
from random import Random

from django.db import OperationalError, connection, transaction

from workshop.models import Counter
from workshop.signals import send, send_next

#: One of them is written as often as all others together.
KEYS = [f"key {number}" for number in range(6)]
WEIGHTS = [5, 1, 1, 1, 1, 1]


#: SQLSTATE, if there is one, where the server goes away.
CUT_OFF = {None, "57P01", "57P02", "57P03"}


class UndoneError(Exception):
    """Rolls a block back."""


class Producer:
    """Writes transactions, each of a kind drawn from the seed.

    Attributes:
        rollbacks: how many transactions, or savepoints in one, were rolled back with events in them.
    """

    def __init__(self, seed, name, pause):
        self._random = Random(f"{seed} {name}")
        self._name = name
        self._pause = pause
        self._count = 0
        self.rollbacks = 0

    def run(self, until):
        """Write until a time on the monotonic clock."""
        kinds = [self._plain, self._several, self._loose, self._rolled_back, self._lost_savepoint]
        weights = [8, 4, 3, 3, 3]
        if connection.vendor == "postgresql":  # elsewhere one transaction writes at a time
            kinds += [self._early, self._long]
            weights += [5, 0.4]
        while time.monotonic() < until:
            (kind,) = self._random.choices(kinds, weights)
            try:
                with transaction.atomic():
                    kind()
            except UndoneError:
                self.rollbacks += 1
            except OperationalError as error:
                if getattr(error.__cause__, "sqlstate", None) not in CUT_OFF:
                    raise
                reconnect()
            time.sleep(self._random.expovariate(1 / self._pause))

    def _token(self):
        self._count += 1
        return f"{self._name}-{self._count}"

    def _key(self):
        (key,) = self._random.choices(KEYS, WEIGHTS)
        return key

    def _plain(self):
        send_next(self._token(), self._key())

    def _several(self):
        for key in sorted(self._random.sample(KEYS, 3)):
            send_next(self._token(), key)

    def _loose(self):
        send(self._token())

    def _rolled_back(self):
        send_next(self._token(), self._key())
        send(self._token())
        raise UndoneError

    def _lost_savepoint(self):
        first, second = sorted(self._random.sample(KEYS, 2))
        send_next(self._token(), first)
        try:
            with transaction.atomic():
                send_next(self._token(), second)
                raise UndoneError
        except UndoneError:
            self.rollbacks += 1

    def _early(self):
        with connection.cursor() as cursor:
            cursor.execute("select pg_current_xact_id()")
        time.sleep(self._random.uniform(0, 0.2))
        send_next(self._token(), self._key())

    def _long(self):
        send(self._token())
        time.sleep(self._random.uniform(1, 3))
        send_next(self._token(), self._key())


def make_counters():
    """Write the rows that producers lock."""
    Counter.objects.bulk_create([Counter(key=key) for key in KEYS], ignore_conflicts=True)


def reconnect():
    """Wait until the server is there again."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        connection.close()
        try:
            connection.ensure_connection()
        except OperationalError:
            time.sleep(0.05)
        else:
            return
