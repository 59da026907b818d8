"""Writes as the threads of a web process do, while a worker drains a backlog in another process.

    python -m workshop.browsing SECONDS

Prints one JSON object: the seconds of each write, the errors, and how much of the backlog was left in the end.
"""

import json
import sys
import time

import django

BACKLOG = 6000


def backlogged(number):
    return {"token": f"backlog {number}", "key": f"key {number % 7}", "number": None}


def main(seconds):
    from django.db import Error

    from workshop.models import Counter, Effect
    from workshop.signals import made, send_alone

    Counter.objects.get_or_create(key="visitor")
    for number in range(BACKLOG // 500):
        made.send_many(None, [backlogged(500 * number + each) for each in range(500)])
    print("ready", flush=True)
    while not Effect.objects.exists():  # the worker is at it
        time.sleep(0.01)
    writes, errors = [], []
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        began = time.perf_counter()
        try:
            send_alone(f"visit {len(writes)}", "visitor")
        except Error as error:
            errors.append(str(error))
        writes.append(time.perf_counter() - began)
        time.sleep(0.005)
    print(json.dumps({"writes": writes, "errors": errors, "delivered": Effect.objects.count(), "backlog": BACKLOG}))


if __name__ == "__main__":
    django.setup()
    main(float(sys.argv[1]))
