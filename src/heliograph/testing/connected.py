"""Asserting that a receiver is connected, and in which way."""

from __future__ import annotations

from typing import Any

from heliograph.dispatch.identity import identify, name_of, place_of
from heliograph.events.names import label
from heliograph.observe.connected import connected
from heliograph.observe.explain import explain, find_sender
from heliograph.observe.listeners import Listener, listener, sender_label

_MODES = ("now", "on_commit", "durable")


def assert_connected(receiver: Any, signal: Any, *, sender: Any = None, mode: str | None = None) -> None:
    """Assert that a receiver would be called for a signal.

    Args:
        receiver: the function, or its name.
        signal: any Django signal.
        sender: the class that it is sent from, or the label of a model; without it, the receiver may be connected for
            any sender.
        mode: the way of delivery, ``"now"``, ``"on_commit"`` or ``"durable"``; without it, any.

    Raises:
        AssertionError: it is not; the message tells who is connected, how and for whom.
        UnknownSenderError: no model has the label.
        ValueError: there is no such mode.
    """
    __tracebackhide__ = True
    if mode is not None and mode not in _MODES:
        raise ValueError(f"mode is 'now', 'on_commit' or 'durable', not {mode!r}.")
    sender = find_sender(sender) if isinstance(sender, str) else sender
    there = [listener(each) for each in connected(signal)]
    mine = [listener(each) for each in connected(signal) if _is(receiver, each.receiver, each.binding.name)]
    if sender is not None:
        heard = explain(signal, sender).runs
        mine = [each for each in mine if each in heard]
    if any(mode in (None, each.mode) for each in mine):
        return
    wanted = "connected" if mode is None else f"connected with mode {mode!r}"
    named = receiver if isinstance(receiver, str) else f"{name_of(receiver)} ({place_of(receiver)})"
    for_whom = "" if sender is None else f" for the sender {sender_label(sender)}"
    raise AssertionError(f"{named} is not {wanted} to {label(signal)}{for_whom}. {_shown(there)}")


def _is(wanted: Any, receiver: Any, name: str | None) -> bool:
    if isinstance(wanted, str):
        return wanted in (name, name_of(receiver))
    return identify(wanted) == identify(receiver)


def _shown(listeners: list[Listener]) -> str:
    if not listeners:
        return "Nobody is."
    return "".join(["Connected are:", *(f"\n  {_line(each)}" for each in listeners)])


def _line(each: Listener) -> str:
    whom = "any sender" if each.sender is None else f"{each.sender}{' and its subclasses' if each.subclasses else ''}"
    return f"{each.receiver}, mode {each.mode!r}, {whom} ({each.place})"
