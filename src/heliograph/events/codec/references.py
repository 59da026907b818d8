"""Model instances as they are read: the row as it is now, else the instance as it was sent."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import DataError, connections
from django.db.models import Field, JSONField, Model

from heliograph.errors import PayloadDecodeError

Decode = Callable[[Any], Any]

_ABSENT = object()


class References:
    """Resolves the references of one event.

    Args:
        alias: the event's database, from which the rows are read whose references name no other.

    Guarantees:
        One query for a row, however many references to it there are, and one instance for all of them.
    """

    __slots__ = ("_alias", "_found")

    def __init__(self, alias: str) -> None:
        self._alias = alias
        self._found: dict[tuple[type[Model], Any, str], Model] = {}

    def resolve(self, body: Any, decode: Decode) -> Model:
        """Return the instance for what a ``$model`` tag holds.

        Args:
            decode: reads a field's value.

        Raises:
            PayloadDecodeError: when it is malformed, no model has its label, or there is neither row nor snapshot.
        """
        if not isinstance(body, dict):
            raise PayloadDecodeError("a $model holds an object with label, pk and fields")
        model = model_of(body.get("label"))
        pk = _primary_key(model, body.get("pk"), decode)
        alias = self._database(body.get("db"))
        key = (model, pk, alias)
        try:
            instance = self._found.get(key)
        except TypeError:
            raise PayloadDecodeError(
                f"the primary key of {model._meta.label} is of no type that one can have"
            ) from None
        if instance is None:
            instance = None if pk is None else self._row(model, pk, alias)
            if instance is None:
                instance = self._as_sent(model, pk, alias, body.get("fields"), decode)
            if pk is not None:
                self._found[key] = instance
        return instance

    def _database(self, written: Any) -> str:
        if written is None:
            return self._alias
        if not isinstance(written, str):
            raise PayloadDecodeError(f"{short(written)} stands where a database belongs")
        return written

    def _row(self, model: type[Model], pk: Any, alias: str) -> Model | None:
        if alias != self._alias and alias not in connections:
            return None  # taken out of the settings since
        try:
            return model._base_manager.using(alias).get(pk=pk)
        except model.DoesNotExist:
            return None
        except (TypeError, ValueError, ArithmeticError, ValidationError, DataError) as error:
            raise PayloadDecodeError(
                f"{model._meta.label} has no primary key like the one recorded: {error}"
            ) from error

    def _as_sent(self, model: type[Model], pk: Any, alias: str, fields: Any, decode: Decode) -> Model:
        label = model._meta.label
        if fields is None:
            raise PayloadDecodeError(
                f"the {label} that was sent is gone, and there is no snapshot of it. "
                "Declare the receiver with a snapshot of the fields that it needs, or with payload=callable"
            )
        if not isinstance(fields, dict):
            raise PayloadDecodeError(f"the fields of {label} are an object, by name")
        values = _values(model, pk, fields, decode)
        try:
            return model.from_db(alias, list(values), list(values.values()))
        except Exception as error:  # the model's own code, given what a row says
            raise PayloadDecodeError(f"{label} cannot be made from the snapshot: {error}") from error


def model_of(label: Any) -> type[Model]:
    """Return the model of a label; raise PayloadDecodeError if there is none."""
    if isinstance(label, str):
        try:
            model = apps.get_model(label)
        except (LookupError, ValueError):
            pass
        else:
            if not model._meta.swapped:
                return model
    raise PayloadDecodeError(f"no model goes by the label {short(label)}. Put it, or its app, back")


def short(value: Any) -> str:
    """Return what a message shows of a value from a row."""
    text = repr(value) if isinstance(value, str | int | float | None) else type(value).__name__
    return text if len(text) <= 120 else f"{text[:117]}..."


def _primary_key(model: type[Model], written: Any, decode: Decode) -> Any:
    if written is None:
        return None
    fields = model._meta.pk_fields
    if not model._meta.is_composite_pk:
        return _value(fields[0], written, decode)
    if not isinstance(written, list) or len(written) != len(fields):
        raise PayloadDecodeError(f"the primary key of {model._meta.label} has {len(fields)} parts")
    return tuple(_value(field, part, decode) for field, part in zip(fields, written, strict=True))


def _values(model: type[Model], pk: Any, fields: dict[str, Any], decode: Decode) -> dict[str, Any]:
    """Return the values at hand by attribute, in the order of the model's fields.

    Fields that the model has no longer are left out; those that were not recorded stay deferred.
    """
    meta = model._meta
    parts = pk if meta.is_composite_pk else (pk,)
    keys = dict(zip((field.attname for field in meta.pk_fields), parts or (), strict=False))
    values = {}
    for field in meta.concrete_fields:
        written = fields.get(field.attname, _ABSENT)
        if written is not _ABSENT:
            values[field.attname] = _value(field, written, decode)
        elif field.attname in keys:
            values[field.attname] = keys[field.attname]
    return values


def _value(field: Field[Any, Any], written: Any, decode: Decode) -> Any:
    if not (isinstance(written, dict) and len(written) == 1 and "$field" in written):
        return decode(written)
    text = decode(written["$field"])
    try:
        return json.loads(text, cls=field.decoder) if isinstance(field, JSONField) else field.to_python(text)
    except (TypeError, ValueError, ArithmeticError, RecursionError, ValidationError) as error:
        raise PayloadDecodeError(f"{field} cannot read its value: {error}") from error
