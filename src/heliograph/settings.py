"""``HELIOGRAPH``, the one setting: its options, their defaults, and what is wrong with it."""

from __future__ import annotations

import difflib
from dataclasses import dataclass, fields
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """The options of ``HELIOGRAPH`` with their defaults.

    Attributes:
        DISCOVER: import the modules of installed apps that hold receivers, at heliograph's place among the apps.
    """

    DISCOVER: bool = True


def problems(given: Any) -> list[str]:
    """Return what is wrong with a value of ``HELIOGRAPH``, each with its remedy."""
    if not isinstance(given, dict):
        return [f'HELIOGRAPH is a dictionary such as {{"DISCOVER": True}}, not {given!r}.']
    known = {field.name: field for field in fields(Options)}
    found = []
    for option, value in given.items():
        if option not in known:
            near = difflib.get_close_matches(str(option).upper(), known, n=1, cutoff=0.5)
            remedy = f"Did you mean {near[0]!r}?" if near else f"The options are: {', '.join(known)}."
            found.append(f"HELIOGRAPH has no option {option!r}. {remedy}")
        elif type(value) is not type(known[option].default):
            expected = type(known[option].default).__name__
            found.append(f"HELIOGRAPH[{option!r}] is of type {expected}, not {value!r}.")
    return found
