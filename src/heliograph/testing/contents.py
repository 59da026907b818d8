"""What a test's database and mailbox hold, and how two looks at it differ."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.core import mail
from django.db import connections
from django.db.models import Count

from heliograph.models import Event

#: Heliograph's own rows are not what a receiver leaves, but for the events that it sends.
_OWN = "heliograph"

#: The rows of one model by primary key, each its values by field.
Rows = Mapping[Any, Mapping[str, Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Contents:
    """What there is at one moment.

    Attributes:
        rows: of each model, by its label.
        events: how many of each signal the log has.
        mails: subject and addressees of each mail in the test's outbox.
    """

    rows: Mapping[str, Rows]
    events: Mapping[str, int]
    mails: tuple[tuple[str, tuple[str, ...]], ...]


def contents(alias: str, ignored: Collection[str]) -> Contents:
    """Look at everything that a database holds.

    Args:
        ignored: labels of models, and fields as ``app_label.Model.field``, to leave out.
    """
    tables = set(_tables(alias))
    models = [
        model
        for model in apps.get_models(include_auto_created=True)
        if model._meta.app_label != _OWN and model._meta.db_table in tables and not model._meta.proxy
    ]
    outbox = getattr(mail, "outbox", ())
    return Contents(
        rows={model._meta.label: _rows(model, alias, ignored) for model in models if model._meta.label not in ignored},
        events=_events(alias),
        mails=tuple((each.subject, tuple(each.recipients())) for each in outbox),
    )


def differences(before: Contents, after: Contents) -> Iterator[str]:
    """Tell in words what is different, a line each."""
    for label, rows in after.rows.items():
        yield from _of_model(label, before.rows[label], rows)
    for signal in sorted(before.events.keys() | after.events.keys()):
        if more := after.events.get(signal, 0) - before.events.get(signal, 0):
            yield f"events of {signal}: {more:+d}"
    for subject, recipients in after.mails[len(before.mails) :]:
        yield f"mail {subject!r} to {', '.join(recipients)}: sent again"


def _of_model(label: str, before: Rows, after: Rows) -> Iterator[str]:
    for key in sorted(before.keys() | after.keys(), key=repr):
        if key not in before:
            yield f"{label} {key!r}: added: {_values(after[key])}"
        elif key not in after:
            yield f"{label} {key!r}: deleted: {_values(before[key])}"
        else:
            for field, value in after[key].items():
                if value != before[key][field]:
                    yield f"{label} {key!r}: {field} {before[key][field]!r} -> {value!r}"


def _values(row: Mapping[str, Any]) -> str:
    return ", ".join(f"{field}={value!r}" for field, value in row.items())


def _tables(alias: str) -> list[str]:
    return connections[alias].introspection.table_names()


def _rows(model: Any, alias: str, ignored: Collection[str]) -> Rows:
    fields = [
        each.attname for each in model._meta.local_concrete_fields if f"{model._meta.label}.{each.name}" not in ignored
    ]
    key = model._meta.pk.attname
    found = model._base_manager.using(alias).values(*{key, *fields})
    return {row[key]: {field: row[field] for field in fields} for row in found}


def _events(alias: str) -> dict[str, int]:
    counted = Event.objects.using(alias).values_list("signal__name").annotate(Count("pk"))
    return dict(counted.order_by())
