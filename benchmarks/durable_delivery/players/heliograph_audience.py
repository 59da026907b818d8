"""Ten receivers of one signal, and one of a signal that carries a model instance: what costs the sender what."""

from typing import Any

from heliograph import Signal, receiver

happened_widely = Signal(name="benchmark.happened_widely")
noted = Signal(name="benchmark.noted")


@receiver(noted, durable=True)
def note(**_: Any) -> None: ...


@receiver(happened_widely, durable=True)
def first(**_: Any) -> None: ...


@receiver(happened_widely, durable=True)
def second(**_: Any) -> None: ...


@receiver(happened_widely, durable=True)
def third(**_: Any) -> None: ...


@receiver(happened_widely, durable=True)
def fourth(**_: Any) -> None: ...


@receiver(happened_widely, durable=True)
def fifth(**_: Any) -> None: ...


@receiver(happened_widely, durable=True)
def sixth(**_: Any) -> None: ...


@receiver(happened_widely, durable=True)
def seventh(**_: Any) -> None: ...


@receiver(happened_widely, durable=True)
def eighth(**_: Any) -> None: ...


@receiver(happened_widely, durable=True)
def ninth(**_: Any) -> None: ...


@receiver(happened_widely, durable=True)
def tenth(**_: Any) -> None: ...
