"""A bare ``save()`` of a model whose saving is recorded: one transaction with its record.

Django sends ``post_save`` of such a save after the commit of the row, so a crash in between would lose the event.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable
from typing import Any

from django.db import models, router, transaction
from django.db.models.signals import post_save, pre_save

from heliograph.delivery.declaration.hearing import heard_by
from heliograph.senders.attach import is_own


def install() -> None:
    """Wrap ``Model.save_base``, once."""
    if not hasattr(models.Model.save_base, "_heliograph"):
        models.Model.save_base = _wrapped(models.Model.save_base)  # type: ignore[method-assign]


def _wrapped(save: Any) -> Any:
    @functools.wraps(save)  # alters_data too, so that no template calls it
    def save_base(
        self: Any,
        raw: bool = False,
        force_insert: bool | tuple[type, ...] = False,
        force_update: bool = False,
        using: str | None = None,
        update_fields: Iterable[str] | None = None,
    ) -> None:
        given: dict[str, Any] = {
            "raw": raw,
            "force_insert": force_insert,
            "force_update": force_update,
            "using": using,
            "update_fields": update_fields,
        }
        if not _is_recorded(type(self)):
            save(self, **given)
            return
        alias = given["using"] = using or router.db_for_write(type(self), instance=self)
        if transaction.get_autocommit(using=alias):
            _save_in_transaction(save, self, given)
        else:
            save(self, **given)

    save_base._heliograph = True  # type: ignore[attr-defined]
    return save_base


def _save_in_transaction(save: Any, instance: Any, given: dict[str, Any]) -> None:
    before = _Identity(instance)
    try:
        with transaction.atomic(using=given["using"]):
            save(instance, **given)
    except BaseException:
        before.restore()
        raise


def _is_recorded(model: type[models.Model]) -> bool:
    """Tell whether a durable receiver hears a model being saved."""
    # Every save asks, so this goes without a loop.
    return bool(pre_save.receivers and _is_heard(pre_save, model)) or bool(
        post_save.receivers and _is_heard(post_save, model)
    )


def _is_heard(signal: Any, model: Any) -> bool:
    # The signal forgets what is in its cache whenever its receivers change; it looks there for senders alone, and no
    # _meta is one.
    answers = signal.sender_receivers_cache
    try:
        return bool(answers[model._meta])
    except KeyError:
        receivers = [*signal.receivers]
        answer = bool(heard_by(signal, model))
        with signal.lock:
            if signal.receivers == receivers and not is_own(signal):  # which answers as quickly itself
                answers[model._meta] = answer
        return answer


class _Identity:
    """Which row an instance is: what a save writes into it besides the fields' own values."""

    def __init__(self, instance: models.Model) -> None:
        self._instance = instance
        self._adding, self._db = instance._state.adding, instance._state.db
        meta = instance._meta
        own_and_inherited = {
            field.attname for each in (meta, *(p._meta for p in meta.get_parent_list())) for field in each.pk_fields
        }
        self._keys = {name: instance.__dict__.get(name, self) for name in own_and_inherited}

    def restore(self) -> None:
        """Let the instance be what it was, as no row of it has been written."""
        self._instance._state.adding, self._instance._state.db = self._adding, self._db
        for name, value in self._keys.items():
            if value is not self:
                setattr(self._instance, name, value)
            else:
                self._instance.__dict__.pop(name, None)
