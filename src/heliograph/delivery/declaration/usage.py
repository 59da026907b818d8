"""What is refused of ``@receiver``, whatever way of delivery it asks for."""

from __future__ import annotations

import difflib
import inspect
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from heliograph.delivery.declaration.options import DURABLE_OPTIONS
from heliograph.errors import ReceiverDeclarationError
from heliograph.senders.labels import is_label

_BOTH = (
    "a receiver is durable=True (recorded with the commit, run by a worker) or on_commit=True (run after the commit, "
    "in this process), not both. Leave on_commit=True out."
)


def signals_of(given: Any) -> Sequence[Any]:
    """Return the signal, or the signals of a list, that ``receiver`` is given.

    Raises:
        ReceiverDeclarationError: something is none; a function, where ``@receiver`` is used without parentheses.
    """
    signals: Sequence[Any] = given if isinstance(given, list | tuple) else [given]
    for signal in signals:
        if not hasattr(signal, "connect"):
            raise ReceiverDeclarationError(f"receiver() takes a signal or a list of signals, not {signal!r}.")
    return signals


def refuse_misuse(
    receiver_name: str, flags: Mapping[str, Any], durably: Collection[str], passed_on: Mapping[str, Any]
) -> None:
    """Refuse what cannot work together.

    Args:
        receiver_name: for the message.
        flags: ``on_commit``, ``durable`` and ``subclasses`` as they were given.
        durably: the options given that only a durable receiver has.
        passed_on: what is given besides, for the signals' ``connect``.

    Raises:
        ReceiverDeclarationError: the message names the receiver and says what to do.
    """
    for flag, value in flags.items():
        if type(value) is not bool:
            raise _misuse(receiver_name, f"{flag} is True or False, not {value!r}.")
    sender = passed_on.get("sender")
    if flags["subclasses"] and not (isinstance(sender, type) or is_label(sender)):
        raise _misuse(receiver_name, f"subclasses=True needs a class or a model's label as sender, not {sender!r}.")
    if flags["durable"] and flags["on_commit"]:
        raise _misuse(receiver_name, _BOTH)
    if durably and not flags["durable"]:
        raise _misuse(receiver_name, f"{next(iter(durably))}=... needs durable=True beside it.")


def refuse_unknown(receiver_name: str, unknown: Collection[str], flags: Collection[str]) -> None:
    """Refuse options that neither ``receiver`` nor the signals' ``connect`` has.

    Raises:
        ReceiverDeclarationError: there is one; the nearest known one is named.
    """
    for option in unknown:
        known = [*flags, "name", "sender", "weak", "dispatch_uid", *DURABLE_OPTIONS]
        near = difflib.get_close_matches(option, known, n=1, cutoff=0.5)
        remedy = f"Did you mean {near[0]!r}?" if near else f"The options are: {', '.join(known)}."
        raise _misuse(receiver_name, f"receiver() has no option {option!r}. {remedy}")


def not_taken(signals: Sequence[Any], options: Collection[str]) -> list[str]:
    """Return those of some options that not every signal's ``connect`` takes."""
    return [option for option in options if not all(_takes(signal, option) for signal in signals)]


def _takes(signal: Any, option: str) -> bool:
    parameters = inspect.signature(signal.connect).parameters.values()
    return any(each.name == option or each.kind is each.VAR_KEYWORD for each in parameters)


def _misuse(receiver_name: str, message: str) -> ReceiverDeclarationError:
    return ReceiverDeclarationError(f"{receiver_name}: {message}")
