"""A receiver that takes a second."""

import time
from pathlib import Path

from heliograph import receiver
from heliograph.delivery.decisions.retry import RetryPolicy
from workshop.effects import did
from workshop.signals import made


@receiver(made, durable=True, name="slow", retry=RetryPolicy(base_seconds=0.1, jitter=False))
def slow(token, key, number, **_):
    with Path("begun").open("a") as file:
        file.write(f"{token}\n")
    did("slow", token, key, number)
    time.sleep(1)
