"""The known arguments of Django's own signals: what is recorded of them."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.db.models import Model, QuerySet

from heliograph.events.names import DJANGO_SIGNALS, qualified

#: What every receiver gets beside the payload; a request lives no longer than its response.
_NEVER = frozenset({"signal", "sender", "request"})

#: What else is left out, though some of it could be recorded: it holds secrets (the environment, passwords). What can
#: never be recorded needs no rule.
_LEFT_OUT = {
    "request_started": {"environ", "scope"},
    "pre_init": {"args", "kwargs"},
}

#: Model instances and querysets of which the model is recorded: they say where a change began, not what it was.
_AS_MODEL = {"pre_delete": {"origin"}, "post_delete": {"origin"}}


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What is recorded of the arguments of one of Django's signals.

    Attributes:
        left_out: names of the arguments that are not recorded.
        as_model: names of those of which the model is recorded.
    """

    left_out: frozenset[str]
    as_model: frozenset[str]


def rules_of(signal: str) -> Rules | None:
    """Return the rules for a signal by its name; None if it is not one of Django's."""
    return _rules(apps.apps_ready, *apps.app_configs).get(signal)


def by_rule(rules: Rules, named: Mapping[str, Any]) -> dict[str, Any]:
    """Return the arguments to record of those that were sent."""
    return {
        name: _model(value) if name in rules.as_model else value
        for name, value in named.items()
        if name not in rules.left_out
    }


def _model(value: Any) -> Any:
    if issubclass(type(value), Model):
        return type(value)
    return value.model if isinstance(value, QuerySet) else value


@functools.lru_cache(maxsize=8)
def _rules(apps_ready: bool, *labels: str) -> dict[str, Rules]:
    """Return the rules by name of signal; the names differ by the apps that are there, and before they are ready.

    Args:
        labels: of the apps, which tests may change.
    """
    return {
        qualified(module, attribute): Rules(
            left_out=_NEVER | _LEFT_OUT.get(attribute, set()), as_model=frozenset(_AS_MODEL.get(attribute, ()))
        )
        for module, attributes in DJANGO_SIGNALS.items()
        for attribute in attributes
    }
