"""Receivers that run inside the transaction of a save, because a durable receiver has it recorded."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from django.apps import apps
from django.core.checks import CheckMessage, Info
from django.db.models import Model
from django.db.models.signals import post_save, pre_save

from heliograph.checks.first_party import is_first_party
from heliograph.delivery.declaration.hearing import heard_by
from heliograph.dispatch.identity import place_of
from heliograph.observe.connected import connected
from heliograph.observe.explain import explain
from heliograph.observe.listeners import Listener, listener

_SAVING = (pre_save, post_save)
_HINT = (
    "An error in one of these takes the saved row back, and mail or HTTP done by then is not taken back with it. Give "
    "on_commit=True to those that should wait for the commit (heliograph.receiver). "
    'If all is as it should be: SILENCED_SYSTEM_CHECKS = ["heliograph.I001"].'
)


def saves_share_a_transaction(**_: Any) -> list[CheckMessage]:
    """Find models whose bare save() is one transaction with its record, and which others then share it."""
    recorded = [model for model in apps.get_models() if any(heard_by(signal, model) for signal in _SAVING)]
    libraries = _of_libraries() if recorded else set()
    return [message for model in recorded for message in _told(model, libraries)]


def _told(model: type[Model], left_out: set[Listener]) -> Iterator[CheckMessage]:
    run = [each for signal in _SAVING for each in explain(signal, model).runs]
    durable = [each for each in run if each.mode == "durable"]
    others = [each for each in run if each.mode == "now" and each not in left_out]
    if others:
        yield Info(
            f"A bare save() is one transaction with its record for {_shown(durable)}. "
            f"Inside that transaction run also: {_shown(others)}.",
            hint=_HINT,
            obj=model,
            id="heliograph.I001",
        )


def _of_libraries() -> set[Listener]:
    """Return the receivers of all senders that are not the project's: it can do nothing about them."""
    return {
        listener(each)
        for signal in _SAVING
        for each in connected(signal)
        if each.hears_anyone and not is_first_party(Path(place_of(each.receiver)))
    }


def _shown(listeners: Iterable[Listener]) -> str:
    return ", ".join(dict.fromkeys(f"{each.receiver} ({each.place})" for each in listeners))
