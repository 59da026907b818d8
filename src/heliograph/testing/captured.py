"""What was sent within a block."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any

import django.dispatch

from heliograph.events.names import label
from heliograph.observe.listeners import sender_label

#: Any sender.
_ANY: Any = object()


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Sending:
    """One sending of a signal.

    Attributes:
        signal: the signal.
        sender: what it was sent from.
        arguments: what was sent, by name: the objects themselves.
    """

    signal: Any
    sender: Any
    arguments: Mapping[str, Any]

    def __getitem__(self, argument: str) -> Any:
        return self.arguments[argument]

    def __repr__(self) -> str:
        arguments = ", ".join(f"{name}={value!r}" for name, value in self.arguments.items())
        return f"{label(self.signal)}({arguments}) from {_named(self.sender)}"

    def matches(self, sender: Any = _ANY, **arguments: Any) -> bool:
        """Tell whether it came from a sender, with these arguments among others."""
        if sender is not _ANY and self.sender is not sender and self.sender != sender:
            return False
        return all(name in self.arguments and self.arguments[name] == value for name, value in arguments.items())


class Sent(list[Sending]):
    """The sendings of a block, in the order of being sent."""

    def of(self, signal: Any) -> Sent:
        """Return those of one signal."""
        return Sent(each for each in self if each.signal is signal)

    def one(self, sender: Any = _ANY, **arguments: Any) -> Sending:
        """Return the one sending that came from a sender, with these arguments among others.

        Args:
            sender: without it, any.

        Raises:
            AssertionError: there is none, or more than one; the message shows all that was sent.
        """
        __tracebackhide__ = True
        found = [each for each in self if each.matches(sender, **arguments)]
        if len(found) == 1:
            return found[0]
        wanted = "" if sender is _ANY else f" from {_named(sender)}"
        if arguments:
            wanted += " with " + ", ".join(f"{name}={value!r}" for name, value in arguments.items())
        raise AssertionError(f"There should be one sending{wanted}, and there are {len(found)}. {_shown(self)}")


@contextmanager
def capture(*signals: Any) -> Iterator[Sent]:
    """Keep what is sent within the block.

    Args:
        signals: any Django signals, Heliograph's own or not.

    Returns:
        A list that grows with each sending: signal, sender and arguments, before any receiver is called. It stays as it
        is when the block is over.

    Raises:
        TypeError: something that is no signal, or nothing at all.

    Guarantees:
        The receivers run as ever. A sending is there even if a receiver raises; one that is muted or that cannot be
        recorded is not.
    """
    if not signals:
        raise TypeError("capture() takes the signals whose sendings are to be kept: capture(order_placed).")
    for signal in signals:
        if not isinstance(signal, django.dispatch.Signal):
            raise TypeError(f"capture() takes signals, and {signal!r} is none.")
    sent = Sent()
    with ExitStack() as stack:
        for signal in dict.fromkeys(signals):
            stack.enter_context(_listening(signal, sent))
        yield sent


@contextmanager
def _listening(signal: Any, sent: Sent) -> Iterator[None]:
    def keep(signal: Any, sender: Any, **arguments: Any) -> None:
        sent.append(Sending(signal=signal, sender=sender, arguments=arguments))

    signal.connect(keep, weak=False)
    with signal.lock:
        # Ahead of receivers that may raise, and of those that send something themselves.
        signal.receivers[:] = [signal.receivers[-1], *signal.receivers[:-1]]
    try:
        yield
    finally:
        signal.disconnect(keep)


def _named(sender: object) -> str:
    return "None" if sender is None else sender_label(sender)


def _shown(sent: Sent) -> str:
    if not sent:
        return "Nothing was sent."
    return "".join(["Sent were:", *(f"\n  {each!r}" for each in sent)])
