"""Durable receivers of signals under whose name nothing could be recorded."""

from __future__ import annotations

from typing import Any

from django.core.checks import CheckMessage, Error

from heliograph.delivery.declaration.registry import durable_receivers
from heliograph.delivery.declaration.signals import nameless
from heliograph.events.names import signal_name


def durable_signals_have_names(**_: Any) -> list[CheckMessage]:
    """Find durable receivers of a signal that has not exactly one name, which could not be told at declaration."""
    return [
        Error(
            f"{receiver.name} ({receiver.place}) is durable, and its signal {nameless(signal)}",
            id="heliograph.E006",
        )
        for receiver in durable_receivers()
        for signal in receiver.signals
        if signal_name(signal) is None
    ]
