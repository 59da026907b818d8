"""The live connections of any Django signal, in one shape."""

from __future__ import annotations

import weakref
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.db import models

from heliograph.dispatch.binding import PLAIN, Binding
from heliograph.dispatch.entries import Entry
from heliograph.dispatch.identity import ANYONE, Identity
from heliograph.senders.labels import labelled
from heliograph.signals.wrapper import Wrapper


@dataclass(frozen=True, slots=True, kw_only=True)
class Connected:
    """One connection whose receiver and sender are alive.

    Attributes:
        signal: the signal.
        receiver: the receiver itself, out of any wrapper.
        sender_identity: the identity of the sender; ANYONE for every sender.
        sender: the sender, where it can be told; else None.
        binding: how the receiver is called.
        is_async: whether it is called as a coroutine function.
        weak: whether the signal holds it weakly.
    """

    signal: Any
    receiver: Any
    sender_identity: Identity
    sender: Any
    binding: Binding
    is_async: bool
    weak: bool

    @property
    def hears_anyone(self) -> bool:
        """Whether every sender is heard."""
        return self.sender_identity == ANYONE


def connected(signal: Any) -> list[Connected]:
    """Return the live connections of a signal, in the order of connecting."""
    senders = _senders_by_id()
    found = [_connected(signal, entry, senders) for entry in list(signal.receivers)]
    return [connection for connection in found if connection is not None]


def _connected(signal: Any, entry: tuple[Any, ...], senders: dict[Identity, Any]) -> Connected | None:
    # Django 5.2 has entries of three: without the reference to the sender.
    receiver: Any
    (_, sender_identity), receiver, *sender_reference, is_async = entry
    weak = isinstance(receiver, weakref.ReferenceType)
    receiver = receiver() if weak else receiver
    binding = entry.binding if isinstance(entry, Entry) else PLAIN
    if isinstance(receiver, Wrapper):
        if not receiver.stands_alone:
            return None
        receiver, binding = receiver.target(), receiver.binding
    sender = senders.get(sender_identity)
    if sender_reference and sender_reference[0] is not None:
        sender = sender_reference[0]()
        if sender is None:
            return None
    if receiver is None:
        return None
    return Connected(
        signal=signal,
        receiver=receiver,
        sender_identity=sender_identity,
        sender=sender,
        binding=binding,
        is_async=bool(is_async),
        weak=weak,
    )


def every_model(base: type[models.Model] = models.Model) -> list[type[models.Model]]:
    """Return all model classes below a base, abstract ones too, without those of past migrations."""
    found = []
    for model in base.__subclasses__():
        if model._meta.apps is apps:
            found.append(model)
        found += every_model(model)
    return found


def _senders_by_id() -> dict[Identity, Any]:
    """Return what a connection may name by its id alone: models, and strings given as senders."""
    known: dict[Identity, Any] = {id(sender.label): sender.label for sender in labelled}
    known.update({id(model): model for model in every_model()})
    return known
