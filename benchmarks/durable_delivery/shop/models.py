"""The two tables of the benchmark."""

from django.db import models


class Note(models.Model):
    """What a sender writes beside its event."""

    text = models.CharField(max_length=200)

    def __str__(self) -> str:
        return self.text


class Effect(models.Model):
    """What a receiver leaves of one event.

    Attributes:
        event: its number.
        started: when the receiver began, in seconds of the wall clock.
        worker: the process that it ran in.
    """

    event = models.BigIntegerField()
    started = models.FloatField()
    worker = models.IntegerField()

    def __str__(self) -> str:
        return f"event {self.event}"
