"""Which signals and senders a durable receiver can have."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any

import django.dispatch
from django.apps import apps

from heliograph.errors import ReceiverDeclarationError
from heliograph.events.names import label, signal_name
from heliograph.senders.labels import is_label

#: Sent before there is a database to record in, or while its tables come and go.
_AROUND_THE_DATABASE = {
    "django.db.models.signals": ("class_prepared", "pre_migrate", "post_migrate"),
    "django.db.backends.signals": ("connection_created",),
    "django.core.signals": ("setting_changed",),
}


def refuse_undurable(receiver_name: str, signals: Sequence[Any], sender: object) -> None:
    """Refuse what no sending could be recorded of, or be matched with once it has been read back.

    Raises:
        ReceiverDeclarationError: a signal is not Django's in kind, is sent before or around the database, or has not
            exactly one name (told as soon as the apps are ready); the sender is neither None, a class nor a label.
    """
    for signal in signals:
        if not isinstance(signal, django.dispatch.Signal):
            raise ReceiverDeclarationError(
                f"{receiver_name}: durable=True needs a signal that is one of Django's kind, not {signal!r}."
            )
        if _is_around_the_database(signal):
            raise ReceiverDeclarationError(
                f"{receiver_name}: {label(signal)} is sent before or around the database, so it cannot be recorded "
                "there. Leave durable=True out."
            )
        if apps.ready and signal_name(signal) is None:
            raise ReceiverDeclarationError(f"{receiver_name}: {nameless(signal)}")
    if not (sender is None or isinstance(sender, type) or is_label(sender)):
        raise ReceiverDeclarationError(
            f"{receiver_name}: the sender of a durable receiver is None, a class, or a model's label such as "
            f"'store.Order', not {sender!r}: an event is matched with its receivers in another process, where no such "
            "object is."
        )


def nameless(signal: Any) -> str:
    """Return, in words, why a signal without exactly one name can have no durable receiver, and the remedy."""
    return (
        f"{signal!r} has no name, or more than one, and an event is recorded under its signal's name. "
        "Give it one: heliograph.Signal(name='store.order_created'), or let one module alone hold it, under one name."
    )


def _is_around_the_database(signal: Any) -> bool:
    return any(
        vars(module).get(attribute) is signal
        for module_name, attributes in _AROUND_THE_DATABASE.items()
        if (module := sys.modules.get(module_name)) is not None
        for attribute in attributes
    )
