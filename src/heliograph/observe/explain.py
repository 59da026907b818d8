"""Who would run if a signal were sent now, and why the others would not."""

from __future__ import annotations

import difflib
import sys
from dataclasses import dataclass
from typing import Any

from django.apps import apps

from heliograph.dispatch.identity import identify
from heliograph.errors import UnknownSenderError
from heliograph.observe.connected import Connected, connected
from heliograph.observe.listeners import Listener, listener, sender_label

#: The ways of delivery, in the order of running.
_MODES = ("now", "on_commit", "durable")


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """What a sending would do.

    Attributes:
        runs: who would run, in the order of running: synchronous receivers, asynchronous ones, those on commit, and
            the durable ones, which a worker runs.
        silent: who would not, each with the reason.
    """

    runs: list[Listener]
    silent: list[tuple[Listener, str]]


def explain(signal: Any, sender: type | None) -> Explanation:
    """Explain a sending of a signal.

    Args:
        sender: the class that it is sent from; None for a sender that no receiver names.
    """
    connections = connected(signal)
    runs = sorted((each for each in connections if _hears(each, sender)), key=_turn)
    silent = [each for each in connections if not _hears(each, sender)]
    return Explanation(
        runs=[listener(each) for each in runs], silent=[(listener(each), _reason(each)) for each in silent]
    )


def find_sender(name: str) -> type:
    """Return the model of a label, or the loaded class of a dotted path.

    Raises:
        UnknownSenderError: there is none; the message names the nearest model.
    """
    models = {model._meta.label: model for model in apps.get_models(include_auto_created=True, include_swapped=True)}
    for label, model in models.items():
        if label.lower() == name.lower():
            return model
    module, _, attribute = name.rpartition(".")
    found = getattr(sys.modules.get(module), attribute, None)
    if isinstance(found, type):
        return found
    near = difflib.get_close_matches(name, models, n=1)
    remedy = f"Did you mean {near[0]!r}?" if near else "A sender is 'app_label.Model' or the dotted path of a class."
    raise UnknownSenderError(f"There is no sender {name!r}. {remedy}")


def _hears(connection: Connected, sender: type | None) -> bool:
    if connection.hears_anyone or connection.sender_identity == identify(sender):
        return True
    family = connection.sender if connection.binding.subclasses else None
    return isinstance(family, type) and isinstance(sender, type) and issubclass(sender, family)


def _turn(connection: Connected) -> tuple[int, bool]:
    return _MODES.index(connection.binding.mode), connection.is_async


def _reason(connection: Connected) -> str:
    sender = sender_label(connection.sender)
    if getattr(getattr(connection.sender, "_meta", None), "abstract", False) and not connection.binding.subclasses:
        return f"hears only {sender}, which is abstract and sends nothing; it needs subclasses=True"
    if swapped := getattr(getattr(connection.sender, "_meta", None), "swapped", None):
        return f"hears only {sender}, which is replaced by {swapped} and sends nothing"
    return f"hears only {sender}" + (" and its subclasses" if connection.binding.subclasses else "")
