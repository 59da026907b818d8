"""The limit of a receiver that does nothing: a page of Heliograph's log after the other, and nothing else."""

import time

from django.db import connection

from durable_delivery.players.heliograph import Heliograph
from durable_delivery.shop.effects import tell

_PAGE = """
    SELECT id, uuid, signal_id, sender, key, payload::text, headers::text, extract(epoch from sent_at)::float8
    FROM heliograph_event WHERE id > %s ORDER BY id LIMIT %s
"""


class Paging(Heliograph):
    """Reads 1000 events at a time, as a batch of 1000 does."""

    def work(self) -> None:
        connection.ensure_connection()
        began, last, found = time.perf_counter(), 0, 0
        with connection.cursor() as cursor:
            while True:
                cursor.execute(_PAGE, [last, 1000])
                rows = cursor.fetchall()
                if not rows:
                    break
                last, found = rows[-1][0], found + len(rows)
        tell(self.stage.report_file, found, time.perf_counter() - began)


player = Paging
