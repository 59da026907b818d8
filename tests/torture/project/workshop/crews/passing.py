"""Receivers that cost next to nothing: one shares commits, the other has one for each event."""

from heliograph import receiver
from workshop.effects import did
from workshop.signals import made


@receiver(made, durable=True, name="shared")
def shared(token, key, number, **_):
    if token.startswith("held"):
        did("shared", token, key, number)


@receiver(made, durable=True, name="alone", batch=1)
def alone(token, key, number, **_):
    if token.startswith("held"):
        did("alone", token, key, number)
