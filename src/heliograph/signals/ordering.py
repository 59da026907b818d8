"""The ordering key of a sending: which sendings of a signal have to stay in order."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from heliograph.errors import PayloadError, SignalDeclarationError

#: An argument of the payload, or a function of the payload's arguments.
Key: TypeAlias = str | Callable[..., Any]


def check_key(key: Any) -> None:
    """Refuse what cannot tell a key.

    Raises:
        SignalDeclarationError: it is neither the name of an argument nor callable.
    """
    if key is not None and not callable(key) and not (isinstance(key, str) and key.isidentifier()):
        raise SignalDeclarationError(
            f"The key of a signal is the name of an argument that it is sent with, such as 'order', or a function of "
            f"these arguments, not {key!r}."
        )


def ordering_key(key: Key | None, named: Mapping[str, Any], signal: str) -> str | None:
    """Return the ordering key of what is sent.

    Args:
        key: of the signal; None where it has none.
        named: what is sent, without signal and sender.
        signal: what the signal is called.

    Raises:
        PayloadError: the argument that is the key is not sent.
    """
    if key is None:
        return None
    if not isinstance(key, str):
        return _as_text(key(**named))
    if key not in named:
        raise PayloadError(f"{signal} is sent without {key!r}, which is its key.", signal=signal, argument=key)
    return _as_text(named[key])


def _as_text(value: Any) -> str | None:
    """Return a value as a key: a model instance's row as ``app_label.Model:pk``, anything else as text.

    Returns:
        None for None, and for an instance without a primary key: it is no row yet. A proxy stands for its row.
    """
    from django.db.models import Model

    if not isinstance(value, Model):
        return None if value is None else str(value)
    return None if value.pk is None else f"{value._meta.concrete_model._meta.label}:{value.pk}"  # type: ignore[union-attr]
