"""Model instances as they are written: a reference, and a snapshot of the fields."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Collection
from typing import Any

from django.core.files.base import File
from django.db import router
from django.db.models import Field, JSONField, Model

from heliograph.events.codec.classes import dotted_name
from heliograph.events.codec.refusal import RefusedError
from heliograph.events.home import home_of

logger = logging.getLogger("heliograph.payload")

Encode = Callable[[Any], Any]

#: Which fields a snapshot has: all of them, none (and no snapshot), or those of these names.
Snapshot = bool | Collection[str]

#: Never in a snapshot, whatever is asked for.
_SECRET = "password"

#: The fields that have been told of.
_told: set[str] = set()


def write_instance(instance: Model, encode: Encode, snapshot: Snapshot, alias: str | None) -> dict[str, Any]:
    """Return the reference to an instance, with a snapshot of its fields.

    What is not at hand is left out and never read from the database: deferred fields, and expressions that only the
    database can resolve. So is a field whose value neither the codec nor the field itself can write; that is
    logged, once for each field.

    Args:
        encode: writes a field's value; raises RefusedError for what it cannot.
        snapshot: whether there is a snapshot, or the names of its fields.
        alias: the event's database; a reference to another one has its alias. None if there can be no other.

    Raises:
        RefusedError: when the primary key cannot be written.
    """
    pk = _primary_key(instance, encode)
    body = {"label": instance._meta.label, "pk": pk}
    if alias is not None and (other := _other_database(instance, alias)) is not None:
        body["db"] = other
    if snapshot is not False:
        body["fields"] = _fields(instance, encode, snapshot, with_pk=pk is None)
    return {"$model": body}


def label_of(model: type[Model]) -> str:
    """Return the label of a model; a proxy has its own."""
    return model._meta.label


def _other_database(instance: Model, alias: str) -> str | None:
    """Return the alias of an instance that neither comes from a database nor is written to it; else None."""
    if instance._state.db == alias:
        return None
    home = home_of(instance, router.routers)
    return None if home == alias else home


def _primary_key(instance: Model, encode: Encode) -> Any:
    """Return the primary key as JSON, a list for a composite one; None as long as there is none."""
    values, written = instance.__dict__, []
    for field in instance._meta.pk_fields:
        value = values.get(field.attname)
        if value is None or _is_expression(value):
            return None
        part = _written(field, value, instance, encode)
        if not part:
            raise RefusedError("has a primary key that cannot be recorded. Send plain values instead.")
        written += part
    return written if instance._meta.is_composite_pk else written[0]


def _fields(instance: Model, encode: Encode, snapshot: Snapshot, *, with_pk: bool) -> dict[str, Any]:
    values, meta = instance.__dict__, instance._meta
    names = None if isinstance(snapshot, bool) else snapshot
    left_out = () if with_pk else meta.pk_fields
    fields = {}
    for field in meta.concrete_fields:
        name, attname = field.name, field.attname
        if attname not in values or name == _SECRET or field in left_out:
            continue
        if names is None or name in names or attname in names:
            for written in _written(field, values[attname], instance, encode):
                fields[attname] = written
    return fields


def _written(field: Field[Any, Any], value: Any, instance: Model, encode: Encode) -> list[Any]:
    """Return a field's value as JSON, alone in a list; an empty list when it cannot be written."""
    try:
        return [encode(value)]
    except RefusedError:
        if _is_expression(value):
            return []
    # The border to the field's own code, which may raise anything: no save() that works may fail for that, and a
    # snapshot can do without the field.
    try:
        return [_written_by_field(field, value, instance, encode)]
    except Exception as error:  # noqa: BLE001
        _tell_of(field, value, error)
        return []


def _written_by_field(field: Field[Any, Any], value: Any, instance: Model, encode: Encode) -> Any:
    if isinstance(value, File):
        return encode(value.name)
    if isinstance(field, JSONField):
        return {"$field": json.dumps(value, cls=field.encoder)}
    text = field.value_to_string(instance)
    back = field.to_python(text)
    if not isinstance(value, type(back)) and value != back:
        raise ValueError(f"{field} does not read back what it writes")
    return {"$field": encode(text)}


def _tell_of(field: Field[Any, Any], value: object, error: Exception) -> None:
    name = str(field)
    if name not in _told:
        _told.add(name)
        # Neither the value nor the error's text, which may quote it: a log is no place for what may be a secret.
        logger.warning(
            "%s is not recorded: neither the payload's codec nor the field itself can write a %s (%s). Give the field "
            "a value_to_string() whose text its to_python() reads, or a JSONField an encoder and a decoder.",
            name,
            dotted_name(type(value)),
            type(error).__name__,
        )


def _is_expression(value: object) -> bool:
    return hasattr(value, "resolve_expression")
