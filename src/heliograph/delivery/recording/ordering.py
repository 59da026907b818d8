"""The ordering key of a sending: events of one key reach a subscription in the order of their sending."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db.models import signals
from django.db.models.options import Options

#: Django's signals that are about one row, which their writers lock.
_OF_ONE_ROW = frozenset(
    map(id, (signals.pre_save, signals.post_save, signals.pre_delete, signals.post_delete, signals.m2m_changed))
)


def key_of(signal: Any, named: Mapping[str, Any]) -> str | None:
    """Return the key of a sending: what the signal says; for Django's model signals the row, by model and primary key.

    Returns:
        None where no order is promised. A proxy's row has the key of the row itself.

    Raises:
        ValueError: a key that a database cannot hold.
    """
    if id(signal) in _OF_ONE_ROW:
        key = _row(named.get("instance"))
    else:
        ordering_key = getattr(signal, "ordering_key", None)
        key = None if ordering_key is None else ordering_key(named)
    if key is not None and ("\0" in key or _has_half_a_pair(key)):
        raise ValueError(
            f"the ordering key {key!r} holds a character that databases refuse in text (NUL, or half of a surrogate "
            "pair). Take another value for the key."
        )
    return key


def _row(instance: Any) -> str | None:
    if instance is None or instance.pk is None:
        return None
    meta: Options[Any] = instance._meta.concrete_model._meta
    # A primary key may have been set in another form, as text, than the one in which it is read back.
    return f"{meta.label}:{meta.pk.to_python(instance.pk)}"


def _has_half_a_pair(key: str) -> bool:
    return not key.isascii() and any("\ud800" <= character <= "\udfff" for character in key)
