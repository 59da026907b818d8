"""The durable receivers of this process, each under its name."""

from __future__ import annotations

import threading
import weakref
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from types import CodeType
from typing import Any

from django.apps import apps

from heliograph.delivery.declaration.options import DurableOptions
from heliograph.dispatch.binding import Receiver
from heliograph.dispatch.identity import code_place, place_of
from heliograph.errors import ReceiverDeclarationError
from heliograph.senders.durable import disconnect_durable, names_connected
from heliograph.signals.wrapper import reference


@dataclass(frozen=True, slots=True, kw_only=True)
class DurableReceiver:
    """A receiver that workers run: one subscription, over any number of signals and senders.

    Attributes:
        name: under which its subscription is stored.
        function: the receiver itself.
        options: how it is run.
        place: ``file:line`` of its code.
        signals: those it is connected to, in the order of declaring.
    """

    name: str
    function: Receiver
    options: DurableOptions
    place: str
    signals: tuple[Any, ...]


_declarations: dict[str, _Declaration] = {}
_lock = threading.Lock()


def declare(
    name: str, function: Receiver, options: DurableOptions, signals: Sequence[Any], *, by: CodeType | None = None
) -> None:
    """Declare a durable receiver, or further signals of one.

    Args:
        by: the code whose run declares it. A function that another run of the same module has declared (the module is
            reloaded) takes the place of the one before.

    Raises:
        ReceiverDeclarationError: another function has the name or one of the aliases, or this one has been declared
            with other options; both places are named.

    Guarantees:
        The function and the signals are referred to weakly. A module under two names declares once: its first
        function stays.
    """
    declaration = _Declaration(name, function, options, by)
    with _lock:
        holder = _declarations.get(name)
        if holder is not None and not holder.is_over():
            if holder.function() is not function and not holder.is_replaced_by(declaration):
                _refuse_another(declaration, holder)
            if holder.function() is function or holder.module != declaration.module:
                _refuse_other_options(declaration, holder)
                declaration = holder
        if holder is not None and holder.function() is function:
            declaration.add(holder.signals())  # it may wait at one of them for its model
        for other in _declarations.values():
            if other.name != name and declaration.names & other.names and not other.is_over():
                _refuse_alias(declaration, other)
        declaration.add(signals)
        _declarations[name] = declaration


def durable_receivers() -> list[DurableReceiver]:
    """Return the durable receivers that are connected to a signal, in the order of declaring.

    Before the apps are ready, those that wait for a model to be connected to are among them.
    """
    return [found for each in list(_declarations.values()) if (found := each.receiver()) is not None]


def durable_receiver(name: str) -> DurableReceiver | None:
    """Return the durable receiver that has a name, or had it (an alias); None where there is none."""
    found = durable_receivers()
    by_alias = {alias: each for each in found for alias in each.options.aliases}
    return {each.name: each for each in found}.get(name) or by_alias.get(name)


def undeclare(name: str) -> bool:
    """Forget a durable receiver with all its connections, and tell whether there was one."""
    with _lock:
        declaration = _declarations.pop(name, None)
    for signal in [] if declaration is None else declaration.signals():
        disconnect_durable(signal, name)
    return declaration is not None


def options_of(name: str) -> DurableOptions:
    """Return the options of the durable receiver that has a name.

    Raises:
        KeyError: none has it.
    """
    return _declarations[name].options


class _Declaration:
    """A declared receiver, to which the registry adds no life."""

    def __init__(self, name: str, function: Receiver, options: DurableOptions, by: CodeType | None) -> None:
        self.name = name
        self.names = {name, *options.aliases}
        self.function = _reference(function)
        self.options = options
        self.place = place_of(function)
        self.module = getattr(function, "__module__", None)
        self._code_place = code_place(function)
        self._by = (lambda: None) if by is None else weakref.ref(by)
        self._signals: list[weakref.ref[Any]] = []

    def add(self, signals: Sequence[Any]) -> None:
        present = self.signals()
        self._signals += [weakref.ref(signal) for signal in signals if not any(signal is each for each in present)]

    def signals(self) -> list[Any]:
        return [signal for each in self._signals if (signal := each()) is not None]

    def heard(self) -> list[Any]:
        """Return the signals that it is connected to; before the apps are ready, all that it is declared for."""
        return [signal for signal in self.signals() if not apps.ready or self.name in names_connected(signal)]

    def is_over(self) -> bool:
        """Tell whether its function is gone, or connected no more."""
        return self.function() is None or not self.heard()

    def is_replaced_by(self, other: _Declaration) -> bool:
        """Tell whether another one comes of the same source, of another run of it."""
        run = self._by()
        return (
            self._code_place is not None
            and self._code_place == other._code_place
            and (run is None or run is not other._by())
        )

    def receiver(self) -> DurableReceiver | None:
        function, signals = self.function(), self.heard()
        if function is None or not signals:
            return None
        return DurableReceiver(
            name=self.name, function=function, options=self.options, place=self.place, signals=tuple(signals)
        )


def _reference(function: Receiver) -> Callable[[], Receiver | None]:
    try:
        return reference(function)
    except TypeError:  # nothing can refer weakly to it
        return lambda: function


def _refuse_another(declared: _Declaration, holder: _Declaration) -> None:
    raise ReceiverDeclarationError(
        f"Two functions are durable receivers under the name {declared.name!r}: at {holder.place} and at "
        f"{declared.place}. Give one of them a name of its own: receiver(..., durable=True, name=...)."
    )


def _refuse_other_options(declared: _Declaration, holder: _Declaration) -> None:
    for option in (each.name for each in fields(DurableOptions)):
        before, now = getattr(holder.options, option), getattr(declared.options, option)
        if before != now:
            raise ReceiverDeclarationError(
                f"{declared.name} is declared durable with {option}={before!r} ({holder.place}) and with "
                f"{option}={now!r} ({declared.place}), and one receiver is one subscription, whose options are "
                "the same for all its signals. Let them agree, or give one of the two a name of its own: name=...."
            )


def _refuse_alias(declared: _Declaration, other: _Declaration) -> None:
    (alias, *_) = sorted(declared.names & other.names)
    raise ReceiverDeclarationError(
        f"{alias!r} is a name or an alias of two durable receivers: {other.name} ({other.place}) and {declared.name} "
        f"({declared.place}). An alias belongs to the one receiver that had the name before."
    )
