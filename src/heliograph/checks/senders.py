"""Senders given by a label that no model has, or one that is swapped out."""

from __future__ import annotations

import difflib
from typing import Any

from django.apps import apps
from django.core.checks import CheckMessage, Error
from django.db.models import Model

from heliograph.observe.connected import every_model
from heliograph.senders.labels import LabelledSender, labelled


def senders_are_there(**_: Any) -> list[CheckMessage]:
    """Find receivers whose sender is a label without a model, or of a model that another one replaces."""
    models = {model._meta.label: model for model in apps.get_models(include_auto_created=True, include_swapped=True)}
    by_label = {label.lower(): model for label, model in models.items()}
    present = {label for label, model in models.items() if not model._meta.swapped}
    errors = []
    for sender in sorted(labelled, key=lambda each: each.place):
        model = by_label.get(sender.label.lower())
        if model is None:
            errors += _error(sender, present)
        elif model._meta.swapped:
            errors.append(_swapped(sender, model))
    return errors


def _swapped(sender: LabelledSender, model: type[Model]) -> CheckMessage:
    meta = model._meta
    return Error(
        f"{sender.receiver} ({sender.place}) has the sender {sender.label!r}, which is swapped out and sends nothing.",
        hint=f"{meta.label} is replaced by {meta.swapped}: use settings.{meta.swappable}.",
        id="heliograph.E004",
    )


def _error(sender: LabelledSender, models: set[str]) -> list[CheckMessage]:
    near = difflib.get_close_matches(sender.label, models, n=1, cutoff=0.7)
    installed = sender.label.partition(".")[0] in apps.app_configs
    if not (near or installed or sender.model_only):
        return []  # A plain string that somebody sends from, which only looks like a label.
    hint = f"Did you mean {near[0]!r}?" if near else "A label is 'app_label.Model', of a model of an installed app."
    if sender.label.lower() in {model._meta.label_lower for model in every_model() if model._meta.abstract}:
        hint = "That model is abstract, which has no label: give the class as sender, with subclasses=True."
    return [
        Error(
            f"{sender.receiver} ({sender.place}) has the sender {sender.label!r}, and there is no such model.",
            hint=hint,
            id="heliograph.E004",
        )
    ]
