"""Receivers that are connected but will not hear, or cannot be called."""

from __future__ import annotations

from typing import Any

from django.core.checks import CheckMessage, Error
from django.utils.inspect import func_accepts_kwargs

from heliograph.dispatch.identity import name_of, place_of
from heliograph.events.names import label
from heliograph.observe.connected import Connected, connected
from heliograph.observe.signals import all_signals


def receivers_can_be_called(**_: Any) -> list[CheckMessage]:
    """Find receivers of abstract models, and receivers that take no keyword arguments."""
    connections = [connection for signal in all_signals() for connection in connected(signal)]
    return [*_of_abstract_models(connections), *_without_keywords(connections)]


def _of_abstract_models(connections: list[Connected]) -> list[CheckMessage]:
    return [
        Error(
            f"{_described(connection)} hears the abstract model {connection.sender._meta.label}, which sends nothing.",
            hint="Add subclasses=True to heliograph.receiver(...) to hear its children, or name one of them.",
            id="heliograph.E001",
        )
        for connection in connections
        if getattr(getattr(connection.sender, "_meta", None), "abstract", False) and not connection.binding.subclasses
    ]


def _without_keywords(connections: list[Connected]) -> list[CheckMessage]:
    return [
        Error(
            f"{_described(connection)} does not take keyword arguments.",
            hint="A sender may send more at any time: end the parameters with **kwargs.",
            id="heliograph.E002",
        )
        for connection in connections
        if not _accepts_keywords(connection.receiver)
    ]


def _accepts_keywords(receiver: Any) -> bool:
    try:
        return func_accepts_kwargs(receiver)
    except (TypeError, ValueError):
        return True  # Unhashable, or without a signature: nothing is known against it.


def _described(connection: Connected) -> str:
    receiver = connection.receiver
    return f"{name_of(receiver)} ({place_of(receiver)}), a receiver of {label(connection.signal)},"
