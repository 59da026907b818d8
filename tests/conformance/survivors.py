"""Durable receivers that worker processes import, for the tests of killing those."""

from django.db import transaction
from gallery.models import Visit

from heliograph import Signal, receiver

knocked = Signal(name="gallery.knocked", key="key")


@receiver(knocked, durable=True, name="gallery.porter")
def porter(note, using, **_):
    """Write in the worker's transaction."""
    Visit.objects.using(using).create(note=f"porter {note}")


@receiver(knocked, durable=True, atomic=False, name="gallery.messenger")
def messenger(note, using, **_):
    """Write at once, as one whose work is outside does."""
    Visit.objects.using(using).create(note=f"messenger {note}")


@receiver(knocked, durable=True, batch=100, name="gallery.bookkeeper")
def bookkeeper(note, using, **_):
    """Write with others."""
    Visit.objects.using(using).create(note=f"bookkeeper {note}")


def knock(alias, *notes):
    """Send each note in a transaction of its own."""
    for note in notes:
        with transaction.atomic(using=alias):
            knocked.send(None, note=note, key=note, using=alias)
