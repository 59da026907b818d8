"""``@receiver``: ties a signal to a way of delivery."""

from __future__ import annotations

import sys
import weakref
from collections.abc import Callable
from typing import Any, TypeVar

from heliograph.delivery.declaration.name import durable_name
from heliograph.delivery.declaration.options import DURABLE_OPTIONS, durable_options
from heliograph.delivery.declaration.registry import declare
from heliograph.delivery.declaration.signals import refuse_undurable
from heliograph.delivery.declaration.usage import not_taken, refuse_misuse, refuse_unknown, signals_of
from heliograph.delivery.in_process.on_commit import call_on_commit
from heliograph.delivery.in_process.savepoint import savepoints
from heliograph.delivery.recording.binding import durable_binding
from heliograph.dispatch.binding import Binding
from heliograph.dispatch.identity import code_place, name_of
from heliograph.senders.families import connect_to_object
from heliograph.senders.labels import connect_to_label, is_label

F = TypeVar("F", bound=Callable[..., Any])

#: Module-level receivers of each signal by the file and the name of their code: a module may have two names.
_by_place: weakref.WeakKeyDictionary[Any, weakref.WeakValueDictionary[tuple[str, str], Any]]
_by_place = weakref.WeakKeyDictionary()


def receiver(
    signal: Any,
    *,
    on_commit: bool = False,
    durable: bool = False,
    subclasses: bool = False,
    name: str | None = None,
    **options: Any,
) -> Callable[[F], F]:
    """Connect the decorated function to a signal, or to each signal of a list.

    Args:
        signal: any Django signal, Heliograph's own or not; a list or tuple of them.
        on_commit: call it after the commit of the transaction in which the signal is sent; at once in autocommit.
        durable: record what is sent in the sender's transaction, and leave the function to a worker.
        subclasses: hear the subclasses of ``sender`` too: proxies, and children of an abstract model.
        name: a name that stays when the function is moved; else ``module.qualname``.
        options: with ``durable``, those of ``DurableOptions`` (``retry``, ``batch``, …). All others are for the
            signal's ``connect``, unchanged: ``sender``, ``weak``, ``dispatch_uid``, ``apps``, ….
            A ``sender`` of the form ``"app_label.Model"`` stands for the model, once there is one.

    Raises:
        ReceiverDeclarationError: something that is no signal, an option that nobody has, ``subclasses`` without a class
            as sender, or a durable receiver that could not be delivered to; the message says what to do.

    Guarantees:
        Connected once, also when its module is imported under two names. In a ``send_robust`` within a transaction
        it has a savepoint of its own. One durable function under one name is one subscription, over all its signals.
    """
    signals = signals_of(signal)
    flags = {"on_commit": on_commit, "durable": durable, "subclasses": subclasses}
    durably = {option: options.pop(option) for option in DURABLE_OPTIONS if option in options}

    def decorate(function: F) -> F:
        refuse_misuse(name_of(function), flags, durably, options)
        unknown = not_taken(signals, options)
        places = [each for each in signals if not _known_by_another_name(each, function)]
        if durable:
            refuse_undurable(name_of(function), signals, options.get("sender"))
            stored = durable_name(function, name)
            chosen = durable_options(stored, {**durably, **{option: options[option] for option in unknown}})
            if places:
                declare(stored, function, chosen, places, by=sys._getframe(1).f_code)
            binding = durable_binding(stored, subclasses=subclasses)
        else:
            refuse_unknown(name_of(function), unknown, flags)
            binding = _binding(on_commit=on_commit, name=name, subclasses=subclasses)
        connect = connect_to_label if is_label(options.get("sender")) else connect_to_object
        for each in places:
            connect(each, function, binding, options)
        return function

    return decorate


def _binding(*, on_commit: bool, name: str | None, subclasses: bool) -> Binding:
    return Binding(
        mode="on_commit" if on_commit else "now",
        name=name,
        via=call_on_commit if on_commit else None,
        guard=None if on_commit else savepoints,
        sync=on_commit,
        subclasses=subclasses,
    )


def _known_by_another_name(signal: Any, function: Any) -> bool:
    place = code_place(function)
    if place is None:
        return False
    by_place = _by_place.setdefault(signal, weakref.WeakValueDictionary())
    known = by_place.setdefault(place, function)
    if known.__module__ == function.__module__:
        by_place[place] = function
        return False
    return True
