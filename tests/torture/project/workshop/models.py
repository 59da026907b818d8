"""What producers and receivers write, for the checker to compare."""

from django.db import models


class Counter(models.Model):
    """A key whose writers wait for one another: its row is locked, and the number goes up with each event."""

    key = models.CharField(max_length=40, primary_key=True)
    number = models.IntegerField(default=0)


class Note(models.Model):
    """An event as its sender noted it, in the transaction that sent it."""

    token = models.CharField(max_length=80, primary_key=True)
    signal = models.CharField(max_length=20)
    key = models.CharField(max_length=40, null=True)
    number = models.IntegerField(null=True)


class Effect(models.Model):
    """What a receiver has done for an event; ids follow the order of doing."""

    id = models.BigAutoField(primary_key=True)
    receiver = models.CharField(max_length=40)
    token = models.CharField(max_length=80)
    key = models.CharField(max_length=40, null=True)
    number = models.IntegerField(null=True)
    pid = models.IntegerField()
    at = models.FloatField()
