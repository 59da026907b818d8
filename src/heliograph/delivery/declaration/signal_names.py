"""The names under which a signal is recorded and subscribed to."""

from __future__ import annotations

import weakref
from typing import Any

from django.apps import apps

from heliograph.delivery.declaration.signals import nameless
from heliograph.errors import SignalDeclarationError
from heliograph.events.names import signal_name

#: The longest name, as it is stored.
LONGEST = 255

#: Names that had to be looked for among the modules.
_found: weakref.WeakKeyDictionary[Any, str] = weakref.WeakKeyDictionary()


def recorded_name(signal: Any) -> str:
    """Return the name under which a signal is recorded.

    Raises:
        SignalDeclarationError: it has none, or more than one, or one that is too long.
    """
    name: str | None = getattr(signal, "_name", None) or _found.get(signal)
    if name is None:
        name = signal_name(signal)
        if name is None:
            raise SignalDeclarationError(nameless(signal))
        if apps.ready:  # before that, an app's signal is found under its dotted path
            _found[signal] = name
    if len(name) > LONGEST:
        raise SignalDeclarationError(
            f"A signal whose name is longer than {LONGEST} characters cannot be recorded: {name}. Give it another one: "
            "heliograph.Signal(name='store.order_created')."
        )
    return name


def subscribed_names(signal: Any) -> tuple[str, ...]:
    """Return the name under which a signal is recorded and those under which it was.

    Raises:
        SignalDeclarationError: as ``recorded_name``.
    """
    return recorded_name(signal), *getattr(signal, "aliases", ())
