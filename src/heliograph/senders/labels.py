"""Senders given by the label of their model."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from django.apps import apps as installed_apps

from heliograph.dispatch.binding import Binding, Receiver
from heliograph.dispatch.identity import name_of, place_of
from heliograph.senders.attach import attach
from heliograph.senders.families import connect_to_object
from heliograph.senders.prepared import when_ready
from heliograph.signals.wrapper import reference

_LABEL = re.compile(r"[A-Za-z_]\w*\.[A-Za-z_]\w*")


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelledSender:
    """A receiver's sender that was given by a label.

    Attributes:
        label: as given; not every one has a model.
        receiver: name of the receiver.
        place: ``file:line`` of the receiver.
        model_only: whether the signal takes nothing but models for such a string.
    """

    label: str
    receiver: str
    place: str
    model_only: bool


labelled: set[LabelledSender] = set()


def is_label(sender: object) -> bool:
    """Tell whether a sender has the form ``app_label.Model``."""
    return isinstance(sender, str) and _LABEL.fullmatch(sender) is not None


def connect_to_label(signal: Any, receiver: Receiver, binding: Binding, options: dict[str, Any]) -> None:
    """Connect a receiver to the model that a label names, once it is ready; to the plain string until then."""
    label = options["sender"]
    resolves_itself = hasattr(signal, "_lazy_method")
    labelled.add(
        LabelledSender(label=label, receiver=name_of(receiver), place=place_of(receiver), model_only=resolves_itself)
    )
    # Connecting a durable receiver is more than a call of the signal's connect, which would come later.
    if resolves_itself and not binding.subclasses and binding.record is None:
        attach(signal, receiver, binding, options)
        return

    resolve = reference(receiver) if options.get("weak", True) else lambda: receiver

    def connect_to_model(model: type) -> None:
        waiting = resolve()
        if waiting is None:
            return
        # Not connected any more, if it has been disconnected while it waited.
        if resolves_itself or signal.disconnect(waiting, sender=label, dispatch_uid=options.get("dispatch_uid")):
            connect_to_object(signal, waiting, binding, {**options, "sender": model})

    if not resolves_itself:
        attach(signal, receiver, binding, options)
    when_ready(label, options.get("apps") or installed_apps, connect_to_model)
