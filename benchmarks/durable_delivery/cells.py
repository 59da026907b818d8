"""The cells of the benchmark: what is measured, of whom."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from durable_delivery import contenders as known
from durable_delivery.bench import Bench
from durable_delivery.contenders import Contender
from durable_delivery.draining import Sample, count, drain
from durable_delivery.idling import idle
from durable_delivery.latency import latency
from durable_delivery.long_backlog import long_backlog
from durable_delivery.rare_signal import find
from durable_delivery.sender_cost import send
from durable_delivery.writers import writers

Measure = Callable[[Bench], Sample]


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A figure of the samples in the table.

    Attributes:
        figure: its name in the samples.
        heading: what the table calls it.
        places: of decimals.
        relative: whether the table has the ratios to the references beside it.
    """

    figure: str
    heading: str
    places: int = 0
    relative: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One table.

    Attributes:
        name: for `--only`.
        references: to whose figures the ratios are, in the same round.
        measure: takes one sample of a contender.
        backlog: how many events wait when a round begins.
        events: how many of them have effects.
        vendor: the kind of database.
        commit_delay_us: the sleep before each commit.
        is_long: whether it is measured only when it is named.
    """

    name: str
    title: str
    contenders: Sequence[Contender]
    references: Sequence[Contender] = ()
    measure: Measure
    columns: Sequence[Column]
    backlog: int = 0
    events: int = 0
    vendor: str = "postgresql"
    commit_delay_us: int = 0
    is_long: bool = False


_RATE = Column(figure="rate", heading="events/s", relative=True)
_DRAIN = (
    _RATE,
    Column(figure="wal", heading="WAL bytes an event"),
    Column(figure="dead", heading="dead rows an event", places=3),
)


def cells(events: int, long_events: int = 1_000_000) -> list[Cell]:
    """Return all cells.

    Args:
        events: of a backlog.
        long_events: of a long one.
    """
    return [
        _drain(events),
        _drain(events // 5, commit_delay_us=2000),
        _orm(events),
        _two_workers(events * 16),
        _machinery(events * 4),
        _subscriptions(events),
        _send(events // 25),
        _latency(events // 25),
        _writers(events // 500),
        _sqlite(events),
        _idle(long_events),
        _long_backlog(long_events),
        _rare(long_events),
    ]


def _drain(events: int, commit_delay_us: int = 0) -> Cell:
    title = "Drain of a backlog by one worker process"
    return Cell(
        name="drain-slow-commit" if commit_delay_us else "drain",
        title=f"{title}, with a commit of 2 ms" if commit_delay_us else title,
        contenders=[known.LOOP_100, known.LOOP_1, known.OURS_100, known.OURS, known.OURS_1, *known.PEERS],
        references=[known.LOOP_100, known.OUTBOX],
        measure=drain,
        columns=_DRAIN,
        backlog=events,
        events=events,
        commit_delay_us=commit_delay_us,
    )


def _orm(events: int) -> Cell:
    contenders = [known.LOOP_100, known.OURS_100, known.OURS, known.OUTBOX]
    return Cell(
        name="orm",
        title="The same with a receiver that inserts through the ORM",
        contenders=[each.with_effect("orm") for each in contenders],
        references=[known.LOOP_100],
        measure=drain,
        columns=[_RATE],
        backlog=events,
        events=events,
    )


def _two_workers(events: int) -> Cell:
    return Cell(
        name="two-workers",
        title="Drain of events with keys in 4 partitions",
        contenders=list(known.SHARED.values()),
        references=[known.SHARED[1, 100], known.SHARED[1, None]],
        measure=drain,
        columns=[_RATE, Column(figure="shared", heading="share of the effects with all at work", places=2)],
        backlog=events,
        events=events,
    )


def _machinery(events: int) -> Cell:
    return Cell(
        name="machinery",
        title="A receiver that does nothing",
        contenders=[known.PAGING, known.MACHINERY],
        references=[known.PAGING],
        measure=count,
        columns=[_RATE],
        backlog=events,
        events=events,
    )


def _subscriptions(events: int) -> Cell:
    return Cell(
        name="subscriptions",
        title="One subscription and eleven",
        contenders=[known.ALONE, known.AUDIENCE],
        references=[known.ALONE],
        measure=drain,
        columns=_DRAIN,
        backlog=events,
        events=events,
    )


def _send(transactions: int) -> Cell:
    return Cell(
        name="send",
        title="A sender's transaction of one row, with an event",
        contenders=[known.OURS, *known.PEERS],
        measure=send(transactions),
        columns=(
            Column(figure="base us", heading="without (µs)"),
            *(
                Column(figure=f"{kind} {figure}", heading=f"{kind}, {heading}", places=places)
                for kind in ("event", "10 receivers", "instance")
                for figure, heading, places in (("ratio", "times", 2), ("us", "µs more", 0), ("wal", "WAL bytes", 0))
            ),
        ),
    )


def _latency(events: int) -> Cell:
    return Cell(
        name="latency",
        title="From COMMIT to the receiver's start, idle",
        contenders=[
            known.OURS,
            known.OUTBOX,
            known.DOMAIN_EVENTS_AT_ONCE,
            *known.APART,
        ],
        measure=latency(events),
        columns=(
            Column(figure="p50", heading="p50 (ms)", places=2),
            Column(figure="p99", heading="p99 (ms)", places=2),
        ),
    )


def _writers(seconds: int) -> Cell:
    return Cell(
        name="writers",
        title="Eight writers at full speed",
        contenders=[known.OURS],
        measure=writers(seconds),
        columns=(
            Column(figure="waking", heading="transactions/s with wake-ups"),
            Column(figure="silent", heading="without"),
            Column(figure="ratio", heading="times", places=3),
        ),
    )


def _sqlite(events: int) -> Cell:
    return Cell(
        name="sqlite",
        title="Drain of a backlog on SQLite by one worker process",
        contenders=[known.LOOP_100, known.OURS_100, known.OURS, known.OURS_1, known.TASKS_DB, known.HUEY],
        references=[known.LOOP_100, known.HUEY],
        measure=drain,
        columns=[_RATE],
        backlog=events,
        events=events,
        vendor="sqlite",
    )


def _idle(events: int) -> Cell:
    return Cell(
        name="idle",
        title=f"A worker after {events:,} events",
        contenders=[known.FEW, known.MANY],
        measure=idle(20),
        columns=(
            Column(figure="idle", heading="of a core while nothing happens (%)", places=2),
            Column(figure="ms", heading="of a core for an event (ms)", places=2),
        ),
        backlog=events,
        events=events,
        is_long=True,
    )


def _long_backlog(events: int) -> Cell:
    return Cell(
        name="long-backlog",
        title=f"Drain of {events:,} events",
        contenders=[known.LONG, known.LONG_8],
        measure=long_backlog,
        columns=(
            Column(figure="start", heading="events/s, first tenth"),
            Column(figure="end", heading="last tenth"),
            Column(figure="ratio", heading="times", places=2),
            Column(figure="memory", heading="worker's memory (MiB)"),
        ),
        backlog=events,
        events=events,
        is_long=True,
    )


def _rare(events: int) -> Cell:
    few = events // 10_000
    return Cell(
        name="rare",
        title=f"{few:,} events of a signal",
        contenders=[known.NOT_RARE.with_backlog(few), known.RARE],
        references=[known.NOT_RARE],
        measure=find,
        columns=(
            Column(figure="seconds", heading="from the worker's start (s)", places=2, relative=True),
            _RATE,
        ),
        backlog=events,
        events=few,
        is_long=True,
    )
