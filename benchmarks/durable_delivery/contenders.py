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
        workers: how many processes deliver.
        backlog: how many events wait, if not as many as in the cell.
    """

    label: str
    player: str
    package: str = "django"
    apps: tuple[str, ...] = ()
    settings: Mapping[str, Any] = field(default_factory=dict)
    options: Mapping[str, Any] = field(default_factory=dict)
    effect: str = "cursor"
    in_broker: bool = False
    workers: int = 1
    backlog: int | None = None

    def with_backlog(self, backlog: int) -> Contender:
        """Return it with a backlog of its own length."""
        return replace(self, backlog=backlog)

    def with_effect(self, effect: str) -> Contender:
        """Return it with a receiver that does something else."""
        return replace(self, effect=effect)

    @property
    def audience(self) -> int:
        """How many receivers an event has."""
        return int(self.options.get("audience", 1))

    @property
    def is_installed(self) -> bool:
        return importlib.util.find_spec(self.package) is not None


def ours(label: str = "Heliograph", *, workers: int = 1, effect: str = "cursor", **options: Any) -> Contender:
    """Return Heliograph, with options of its player."""
    return Contender(
        label=label,
        player="heliograph",
        apps=("heliograph",),
        settings={"HELIOGRAPH": {"WORKER": "process"}},
        options=options,
        effect=effect,
        workers=workers,
    )


def plain(together: int) -> Contender:
    """Return the loop that makes the same inserts."""
    return Contender(label=f"plain loop, {together} to a commit", player="plain", options={"together": together})


def celery(label: str, broker: str) -> Contender:
    """Return Celery on one of its brokers."""
    return Contender(label=label, player="celery", package="celery", options={"broker": broker}, in_broker=True)


OURS = ours()
OURS_100 = ours("Heliograph, batch=100", batch=100)
OURS_1 = ours("Heliograph, batch=1", batch=1)
LOOP_1, LOOP_100 = plain(1), plain(100)

#: By keys, in partitions, with one worker and with two.
SHARED = {
    (workers, batch): ours(
        f"Heliograph{', batch=100' if batch else ''}, {workers} worker{'s' if workers > 1 else ''}",
        workers=workers,
        batch=batch,
        partitions=4,
        keyed=True,
        cloned=True,
    )
    for batch in (100, None)
    for workers in (1, 2)
}

MACHINERY = ours("Heliograph, batch=1000", batch=1000, effect="nothing")
PAGING = replace(MACHINERY, label="raw paging SELECT", player="paging")

ALONE = ours("Heliograph, batch=100, 1 subscription", batch=100)
AUDIENCE = ours("Heliograph, batch=100, 11 subscriptions", batch=100, audience=11)

#: Receivers that wait for what seldom comes, after a million events for one of them.
FEW = ours("Heliograph, 1 subscription", batch=1000, effect="nothing", cloned=True)
MANY = ours("Heliograph, 300 subscriptions", batch=1000, effect="nothing", cloned=True, neighbours=299)

LONG = ours("Heliograph, batch=100, 1 partition", batch=100, cloned=True)
LONG_8 = ours("Heliograph, batch=100, 8 partitions", batch=100, cloned=True, partitions=8)

RARE = ours("Heliograph, 0.01 % of the log", cloned=True, rare=10_000)
NOT_RARE = ours("Heliograph, all of the log")

OUTBOX = Contender(
    label="django-reliable-outbox",
    player="reliable_outbox",
    package="reliable_outbox",
    apps=("reliable_outbox",),
    settings={"RELIABLE_OUTBOX": {"BATCH_SIZE": 100}},
)
DOMAIN_EVENTS = Contender(
    label="django-domain-events",
    player="domain_events",
    package="django_domain_events",
    apps=("django_domain_events",),
)
#: With a NOTIFY for every commit, not for the first one in half a second.
DOMAIN_EVENTS_AT_ONCE = replace(DOMAIN_EVENTS, settings={"DJANGO_DOMAIN_EVENTS": {"NOTIFY_COALESCE_SECONDS": 0}})
TASKS_DB = Contender(
    label="django-tasks-db",
    player="tasks_db",
    package="django_tasks_db",
    apps=("django_tasks_db",),
    settings={"TASKS": {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}},
)
PROCRASTINATE = Contender(
    label="procrastinate",
    player="procrastinate",
    package="procrastinate",
    apps=("procrastinate.contrib.django",),
)
PGQUEUER = Contender(label="PgQueuer", player="pgqueuer", package="pgqueuer")
CELERY_RABBITMQ = celery("Celery on RabbitMQ", "rabbitmq")
CELERY_REDIS = celery("Celery on Redis", "redis")
HUEY = Contender(label="huey, SqliteHuey", player="huey", package="huey")

#: Peers that have the effect and its acknowledgement in one transaction, and those that have not.
TOGETHER = (OUTBOX, DOMAIN_EVENTS)
APART = (PGQUEUER, CELERY_RABBITMQ, CELERY_REDIS, PROCRASTINATE, TASKS_DB)
PEERS = (*TOGETHER, *APART)
