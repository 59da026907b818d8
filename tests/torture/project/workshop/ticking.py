"""Sends an event of some other key every tenth of a second: ``python -m workshop.ticking KEY``.

The tokens tell the time of sending. Prints a character once it has done so for a second behind its start.
"""

import sys
import time

import django


def main(key):
    from workshop.models import Counter
    from workshop.signals import send_alone

    Counter.objects.get_or_create(key=key)
    for number in range(600):
        send_alone(f"tick {time.time()}", key)
        time.sleep(0.1)
        if number == 10:
            print("!", end="", flush=True)


if __name__ == "__main__":
    django.setup()
    main(*sys.argv[1:])
