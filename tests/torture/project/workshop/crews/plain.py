"""Two receivers that write down what they get."""

from heliograph import receiver
from heliograph.delivery.decisions.retry import RetryPolicy
from workshop.effects import did
from workshop.signals import made


@receiver(made, durable=True, name="plain")
def plain(token, key, number, **_):
    did("plain", token, key, number)


@receiver(made, durable=True, name="second", retry=RetryPolicy(base_seconds=0.2))
def second(token, key, number, **_):
    did("second", token, key, number)
