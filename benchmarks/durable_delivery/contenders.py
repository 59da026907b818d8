"""The contenders: libraries in their best documented settings, and the limits."""

from __future__ import annotations

import importlib.util
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Contender:
    """One row of a table.

    Attributes:
        label: its name there.
        player: module of `durable_delivery.players`.
        package: what has to be installed for it.
        apps: installed besides the shop.
        settings: further Django settings.
        options: for the player.
        effect: what the receiver does: `cursor`, `orm` or `nothing`.
        in_broker: whether a backlog is outside the database, so that each round needs a new one.
    """

    label: str
    player: str
    package: str = "django"
    apps: tuple[str, ...] = ()
    settings: Mapping[str, Any] = field(default_factory=dict)
    options: Mapping[str, Any] = field(default_factory=dict)
    effect: str = "cursor"
    in_broker: bool = False

    def with_effect(self, effect: str) -> Contender:
        """Return it with a receiver that does something else."""
        return replace(self, effect=effect)

    @property
    def is_installed(self) -> bool:
        return importlib.util.find_spec(self.package) is not None


def ours(label: str = "Heliograph", **options: Any) -> Contender:
    """Return Heliograph, with options of the durable receiver."""
    settings = {"HELIOGRAPH": {"WORKER": "process"}}
    return Contender(label=label, player="heliograph", apps=("heliograph",), settings=settings, options=options)


def plain(together: int) -> Contender:
    """Return the loop that makes the same inserts."""
    return Contender(label=f"plain loop, {together} to a commit", player="plain", options={"together": together})


OURS = ours()
OURS_100 = ours("Heliograph, batch=100", batch=100)
OURS_1 = ours("Heliograph, batch=1", batch=1)
LOOP_1, LOOP_100 = plain(1), plain(100)
