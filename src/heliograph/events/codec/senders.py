"""Senders as text and back."""

from __future__ import annotations

import json
from contextlib import suppress
from types import FunctionType
from typing import Any

from django.db.models import Model
from django.utils.functional import LazyObject, empty

from heliograph.errors import PayloadDecodeError
from heliograph.events.codec.classes import dotted_name, find, find_with_views
from heliograph.events.codec.references import model_of, short
from heliograph.events.codec.snapshots import label_of


def encode_sender(sender: Any) -> str | None:
    """Return a sender as text.

    Returns:
        None for None, the label of a model for it and its instances, ``module.qualname`` for another class or
        function, that of its class for another object, and a string as JSON, in quotes. A class in a module without
        a dot is written ``module:qualname``, so that it is never taken for the label of a model.
    """
    kind = type(sender)
    if sender is None:
        return None
    if issubclass(kind, LazyObject):
        if sender._wrapped is empty:
            sender._setup()
        return encode_sender(sender._wrapped)
    if issubclass(kind, str):
        return json.dumps(str.__str__(sender))
    found = sender if issubclass(kind, type | FunctionType) else kind
    if isinstance(found, type) and issubclass(found, Model):
        return label_of(found)
    name = dotted_name(found)
    return name.replace(".", ":") if name.count(".") == 1 else name


def decode_sender(text: str | None) -> Any:
    """Return what stands for the sender: the model, the class, the string, or None.

    Raises:
        PayloadDecodeError: when no model and no class of the loaded modules goes by that name.
    """
    if text is None:
        return None
    if text.startswith('"'):
        return _string(text)
    if ":" not in text and text.count(".") == 1:
        return _model(text)
    found = find_with_views(text.replace(":", "."))
    if found is None:
        raise PayloadDecodeError(
            f"The sender cannot be read: no class goes by the name {short(text)} in the modules that are loaded. "
            "Put it back, and have the module of the receiver import it."
        )
    return found


def needs_no_import(text: str | None) -> bool:
    """Tell whether ``decode_sender`` finds what stands for the sender in what is loaded."""
    if text is None or text.startswith('"') or (":" not in text and text.count(".") == 1):
        return True
    return find(text.replace(":", ".")) is not None


def _model(label: str) -> type[Model]:
    try:
        return model_of(label)
    except PayloadDecodeError as error:
        raise PayloadDecodeError(f"The sender cannot be read: {error}.") from error


def _string(text: str) -> str:
    with suppress(ValueError, RecursionError):
        if isinstance(read := json.loads(text), str):
            return read
    raise PayloadDecodeError(f"The sender cannot be read: {short(text)} is not a string in quotes.")
