"""``@receiver``: ties a signal to a way of delivery."""

from __future__ import annotations

import inspect
import weakref
from collections.abc import Callable, Sequence
from types import CodeType
from typing import Any, TypeVar

from heliograph.delivery.on_commit import call_on_commit
from heliograph.delivery.savepoint import savepoints
from heliograph.dispatch.binding import Binding
from heliograph.errors import ReceiverDeclarationError
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
    subclasses: bool = False,
    name: str | None = None,
    **options: Any,
) -> Callable[[F], F]:
    """Connect the decorated function to a signal, or to each signal of a list.

    Args:
        signal: any Django signal, Heliograph's own or not; a list or tuple of them.
        on_commit: call it after the commit of the transaction in which the signal is sent; at once in autocommit.
        subclasses: hear the subclasses of ``sender`` too: proxies, and children of an abstract model.
        name: a name that stays when the function is moved; else ``module.qualname``.
        options: for the signal's ``connect``, unchanged: ``sender``, ``weak``, ``dispatch_uid``, ``apps``, ….
            A ``sender`` of the form ``"app_label.Model"`` stands for the model, once there is one.

    Raises:
        ReceiverDeclarationError: something that is no signal, or ``subclasses`` without a class as sender.

    Guarantees:
        Connected once, also when its module is imported under two names. In a ``send_robust`` within a transaction
        it has a savepoint of its own.
    """
    signals: Sequence[Any] = signal if isinstance(signal, list | tuple) else [signal]
    for each in signals:
        if not hasattr(each, "connect"):
            raise ReceiverDeclarationError(f"receiver() takes a signal or a list of signals, not {each!r}.")
    sender = options.get("sender")
    if subclasses and not (isinstance(sender, type) or is_label(sender)):
        raise ReceiverDeclarationError(f"subclasses=True needs a class or a model's label as sender, not {sender!r}.")
    connect = connect_to_label if is_label(sender) else connect_to_object
    binding = Binding(
        mode="on_commit" if on_commit else "now",
        name=name,
        via=call_on_commit if on_commit else None,
        guard=None if on_commit else savepoints,
        sync=on_commit,
        subclasses=subclasses,
    )

    def decorate(function: F) -> F:
        for each in signals:
            if not _known_by_another_name(each, function):
                connect(each, function, binding, options)
        return function

    return decorate


def _known_by_another_name(signal: Any, function: Any) -> bool:
    # A decorated function has the code of its decorator, which others share: the place is that of the innermost.
    code = getattr(inspect.unwrap(function), "__code__", None)
    if type(code) is not CodeType or "<" in code.co_qualname + code.co_filename:  # a mock claims to have one
        return False
    place = code.co_filename, code.co_qualname
    by_place = _by_place.setdefault(signal, weakref.WeakValueDictionary())
    known = by_place.setdefault(place, function)
    if known.__module__ == function.__module__:
        by_place[place] = function
        return False
    return True
