"""A receiver as web applications have them: a write or two, and a little work."""

import time

from heliograph import receiver
from workshop.effects import did
from workshop.signals import made


@receiver(made, durable=True, name="web")
def web(token, key, number, **_):
    did("web", token, key, number)
    time.sleep(0.001)
