"""The cells of the benchmark: what is measured, of whom."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from durable_delivery import contenders as known
from durable_delivery.bench import Bench
from durable_delivery.contenders import Contender
from durable_delivery.draining import Sample, drain
from durable_delivery.sender_cost import send

Measure = Callable[[Bench], Sample]


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A figure of the samples in the table.

    Attributes:
        figure: its name in the samples.
        heading: what the table calls it.
        places: of decimals.
        relative: whether the table has the ratio to the reference beside it.
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
        reference: whose figures the ratios are to, in the same round.
        measure: takes one sample of a contender.
        backlog: how many events wait when a round begins.
        events: how many a round has.
        vendor: the kind of database.
        commit_delay_us: the sleep before each commit.
    """

    name: str
    title: str
    contenders: Sequence[Contender]
    reference: str
    measure: Measure
    columns: Sequence[Column]
    backlog: int = 0
    events: int = 0
    vendor: str = "postgresql"
    commit_delay_us: int = 0


_DRAIN = (
    Column(figure="rate", heading="events/s", relative=True),
    Column(figure="wal", heading="WAL bytes an event"),
    Column(figure="dead", heading="dead rows an event", places=3),
)


def cells(events: int) -> list[Cell]:
    """Return all cells, with backlogs of so many events."""
    return [_drain(events), _drain(events // 2, commit_delay_us=2000), _orm(events), _send(events // 10)]


def _drain(events: int, commit_delay_us: int = 0) -> Cell:
    title = "Drain of a backlog by one worker process"
    return Cell(
        name="drain-slow-commit" if commit_delay_us else "drain",
        title=f"{title}, with a commit of 2 ms" if commit_delay_us else title,
        contenders=[known.LOOP_100, known.LOOP_1, known.OURS_100, known.OURS, known.OURS_1],
        reference=known.LOOP_100.label,
        measure=drain(),
        columns=_DRAIN,
        backlog=events,
        events=events,
        commit_delay_us=commit_delay_us,
    )


def _orm(events: int) -> Cell:
    contenders = [known.LOOP_100, known.OURS_100, known.OURS]
    return Cell(
        name="orm",
        title="The same with a receiver that inserts through the ORM",
        contenders=[each.with_effect("orm") for each in contenders],
        reference=known.LOOP_100.label,
        measure=drain(),
        columns=_DRAIN[:1],
        backlog=events,
        events=events,
    )


def _send(transactions: int) -> Cell:
    return Cell(
        name="send",
        title="A sender's transaction of one row, with an event",
        contenders=[known.OURS],
        reference="",
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
