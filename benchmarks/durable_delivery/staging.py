"""What one process of a contender is told: by a variable of its environment."""

import json
import os
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

_VARIABLE = "DURABLE_BENCHMARK"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """Who plays, and on which database.

    Attributes:
        player: module of `durable_delivery.players`.
        database: an entry of Django's `DATABASES`.
        apps: installed besides the shop.
        settings: further Django settings.
        options: for the player, such as `batch`.
        effect: what a receiver does: `cursor`, `orm` or `nothing`.
        events: how many events a backlog has.
        report: the file that a process without effects leaves its figures in.
    """

    player: str
    database: dict[str, Any]
    apps: list[str] = field(default_factory=list)
    settings: dict[str, Any] = field(default_factory=dict)
    options: dict[str, Any] = field(default_factory=dict)
    effect: str = "cursor"
    events: int = 0
    report: str = ""

    @property
    def report_file(self) -> Path:
        return Path(self.report)

    def environment(self) -> dict[str, str]:
        """Return the environment for a process on this stage."""
        return {
            **os.environ,
            _VARIABLE: json.dumps(asdict(self)),
            "DJANGO_SETTINGS_MODULE": "durable_delivery.settings",
        }


def stage() -> Stage:
    """Return the stage that this process is on."""
    return Stage(**json.loads(os.environ[_VARIABLE]))
