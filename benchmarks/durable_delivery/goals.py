"""What durable receivers have to reach, and whether they did."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

from durable_delivery import contenders as known
from durable_delivery.contenders import Contender
from durable_delivery.figures import median, ratio
from durable_delivery.running import Rounds


@dataclass(frozen=True, slots=True, kw_only=True)
class Goal:
    """A bound for a figure of one cell.

    Attributes:
        cell: its name.
        measured: the figure; None where it was not measured.
        least, most: one of them is the bound.
    """

    cell: str
    text: str
    measured: Callable[[Rounds], float | None]
    least: float | None = None
    most: float | None = None

    def __str__(self) -> str:
        bound = f"at least {self.least:g}" if self.least is not None else f"at most {self.most:g}"
        return f"{self.cell}: {self.text}: {bound}"

    def is_met(self, figure: float) -> bool:
        return figure >= self.least if self.least is not None else self.most is None or figure <= self.most


@dataclass(frozen=True, slots=True)
class Verdict:
    """A goal with what was measured."""

    goal: str
    measured: float
    is_met: bool


def judge(measured: dict[str, Rounds]) -> list[Verdict]:
    """Return a verdict on every goal whose figure was measured."""
    found = [(goal, goal.measured(measured[goal.cell])) for goal in GOALS if goal.cell in measured]
    return [Verdict(str(goal), figure, goal.is_met(figure)) for goal, figure in found if figure is not None]


def _as_fast(cell: str, who: Contender, least: float, to: Contender) -> Goal:
    measured = partial(ratio, label=who.label, to=to.label, figure="rate")
    return Goal(cell=cell, text=f"{who.label}, times {to.label}", measured=measured, least=least)


def _figure(cell: str, who: Contender, figure: str, text: str, **bound: float) -> Goal:
    measured = partial(median, label=who.label, figure=figure)
    return Goal(cell=cell, text=f"{who.label}, {text}", measured=measured, **bound)


def _at_ten_receivers(samples: Rounds, figure: str) -> float | None:
    ten, one = (median(samples, known.OURS.label, f"{kind} {figure}") for kind in ("10 receivers", "event"))
    return ten / one if ten and one else None


def _beside_the_best(samples: Rounds, figure: str) -> float | None:
    peers = {label: median(samples, label, figure) for label in samples if label != known.OURS.label}
    waits = {label: wait for label, wait in peers.items() if wait is not None}
    return ratio(samples, known.OURS.label, min(waits, key=waits.__getitem__), figure) if waits else None


def _further_subscription(samples: Rounds) -> float | None:
    one, eleven = (median(samples, who.label, "wal") for who in (known.ALONE, known.AUDIENCE))
    return (eleven - one) / (known.AUDIENCE.audience - 1) if one and eleven else None


def _goals() -> Iterator[Goal]:
    yield _as_fast("drain", known.OURS, 2.5, known.OUTBOX)
    yield _as_fast("drain-slow-commit", known.OURS, 8, known.OUTBOX)
    yield _as_fast("drain", known.OURS, 0.9, known.PGQUEUER)
    yield _as_fast("drain", known.OURS_100, 1.4, known.PGQUEUER)
    yield _as_fast("drain", known.OURS_100, 4, known.OUTBOX)
    yield _as_fast("drain", known.OURS_100, 20, known.TASKS_DB)
    yield _as_fast("drain", known.OURS_100, 20, known.DOMAIN_EVENTS)
    yield _as_fast("drain", known.OURS_1, 1.1, known.OUTBOX)
    yield _as_fast("orm", known.OURS_100, 0.75, known.LOOP_100)
    yield _as_fast("orm", known.OURS, 0.65, known.LOOP_100)
    yield _as_fast("two-workers", known.SHARED[2, 100], 1.5, known.SHARED[1, 100])
    yield _as_fast("two-workers", known.SHARED[2, None], 1.3, known.SHARED[1, None])
    yield _as_fast("machinery", known.MACHINERY, 0.1, known.PAGING)
    yield _figure("send", known.OURS, "event ratio", "times the transaction without", most=1.6)
    yield _figure("send", known.OURS, "event wal", "WAL bytes of an event", most=400)
    for figure, text in (("ratio", "time"), ("wal", "WAL")):
        measured = partial(_at_ten_receivers, figure=figure)
        yield Goal(cell="send", text=f"10 receivers beside 1, {text}", measured=measured, most=1.1)
    for figure in ("p50", "p99"):
        measured = partial(_beside_the_best, figure=figure)
        yield Goal(cell="latency", text=f"Heliograph, {figure}, times the best peer's", measured=measured, most=1.1)
    yield _figure("writers", known.OURS, "ratio", "transactions with wake-ups, times those without", least=0.95)
    yield _figure("drain", known.OURS_1, "wal", "WAL bytes an event", most=350)
    yield _figure("drain", known.OURS_100, "wal", "WAL bytes an event", most=200)
    yield _figure("drain", known.OURS_100, "dead", "dead rows an event", most=0.02)
    text = "WAL bytes an event of each further subscription, batch=100"
    yield Goal(cell="subscriptions", text=text, measured=_further_subscription, most=30)
    yield _figure("idle", known.MANY, "idle", "percent of a core while nothing happens", most=2)
    text = "CPU time for an event, 300 subscriptions beside 1"
    measured = partial(ratio, label=known.MANY.label, to=known.FEW.label, figure="ms")
    yield Goal(cell="idle", text=text, measured=measured, most=1.2)
    measured = partial(ratio, label=known.RARE.label, to=known.NOT_RARE.label, figure="seconds")
    yield Goal(cell="rare", text="time until a rare signal is drained, beside any", measured=measured, most=1.1)
    for who in (known.LONG, known.LONG_8):
        yield _figure("long-backlog", who, "ratio", "rate at the end, times that at the start", least=0.8)
        yield _figure("long-backlog", who, "memory", "MiB of the worker", most=150)
    yield _as_fast("sqlite", known.OURS_100, 20, known.TASKS_DB)
    yield _as_fast("sqlite", known.OURS_100, 2, known.HUEY)


GOALS = tuple(_goals())
