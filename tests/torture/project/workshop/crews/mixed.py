"""One receiver for each way of being run, all under 50 ms."""

from heliograph import receiver
from heliograph.delivery.decisions.retry import RetryPolicy
from workshop.effects import did, stumble, take_a_while
from workshop.signals import caused, made, send

SOON = RetryPolicy(base_seconds=0.05, max_seconds=0.5)


@receiver(made, durable=True, name="shared", retry=SOON)
def shared(token, key, number, **_):
    did("shared", token, key, number)
    take_a_while()


@receiver(made, durable=True, name="alone", batch=1, retry=SOON)
def alone(token, key, number, **_):
    did("alone", token, key, number)
    take_a_while()


@receiver(made, durable=True, name="whole", batch=50, retry=SOON)
def whole(token, key, number, **_):
    did("whole", token, key, number)


@receiver(made, durable=True, name="divided", partitions=4, retry=SOON)
def divided(token, key, number, **_):
    did("divided", token, key, number)
    take_a_while()


@receiver(made, durable=True, name="outside", atomic=False, retry=SOON)
def outside(token, key, number, **_):
    did("outside", token, key, number)


@receiver(made, durable=True, name="strict", ordering="strict", retry=SOON)
def strict(token, key, number, **_):
    did("strict", token, key, number)
    stumble(0.02)


@receiver(made, durable=True, name="unordered", ordering="none", partitions=2, retry=SOON)
def unordered(token, key, number, **_):
    did("unordered", token, key, number)
    stumble(0.02)


@receiver(made, durable=True, name="clumsy", retry=SOON)
def clumsy(token, key, number, **_):
    did("clumsy", token, key, number)
    take_a_while()
    stumble(0.1)


@receiver(made, durable=True, name="causing", retry=SOON)
def causing(token, key, number, **_):
    did("causing", token, key, number)
    send(f"caused by {token}", key, number, signal="caused")


@receiver(caused, durable=True, name="caused", retry=SOON)
def of_caused(token, key, number, **_):
    did("caused", token, key, number)


@receiver(caused, durable=True, name="caused alone", batch=1, partitions=2, retry=SOON)
def of_caused_alone(token, key, number, **_):
    did("caused alone", token, key, number)
