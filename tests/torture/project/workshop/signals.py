"""What happens in the workshop, and sending it in the way that the checker expects."""

from django.db import transaction

from heliograph import Signal
from workshop.models import Counter, Note

made = Signal(name="workshop.made", key="key")
caused = Signal(name="workshop.caused", key="key")
SIGNALS = {"made": made, "caused": caused}


def send(token, key=None, number=None, signal="made", note=True):
    """Send an event and note it, in the open transaction."""
    if note:
        Note.objects.create(token=token, signal=signal, key=key, number=number)
    SIGNALS[signal].send(None, token=token, key=key, number=number)


def send_next(token, key):
    """Send the next event of a key, whose row is locked until the transaction ends."""
    counter = Counter.objects.select_for_update().get(pk=key)
    counter.number += 1
    counter.save()
    send(token, key, counter.number)


def send_alone(token, key=None):
    """Send one event in a transaction of its own."""
    with transaction.atomic():
        if key is None:
            send(token)
        else:
            send_next(token, key)
