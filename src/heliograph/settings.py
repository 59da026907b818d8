"""``HELIOGRAPH``, the one setting: its options, their defaults and bounds, and what is wrong with it."""

from __future__ import annotations

import difflib
import functools
from dataclasses import dataclass, field, fields
from typing import Any

from django.conf import settings
from django.core.signals import setting_changed


@dataclass(frozen=True, slots=True, kw_only=True)
class Flag:
    """True or False."""

    unit: str = ""

    def __contains__(self, value: object) -> bool:
        return type(value) is bool

    def __str__(self) -> str:
        return "of type bool"


@dataclass(frozen=True, slots=True, kw_only=True)
class Number:
    """A number of some unit between two others, which are allowed too; a bool is none."""

    unit: str
    least: float
    most: float
    whole: bool = False
    empty: bool = False

    def __contains__(self, value: object) -> bool:
        if value is None:
            return self.empty
        # A bool is an int to isinstance; and NaN is between nothing, as all comparisons with it are false.
        if isinstance(value, bool) or not isinstance(value, int if self.whole else int | float):
            return False
        return self.least <= value <= self.most

    def __str__(self) -> str:
        kind = "a whole number" if self.whole else "a number"
        return f"{kind} of {self.unit} from {self.least} to {self.most}{' or None' if self.empty else ''}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """One of a few words."""

    words: tuple[str | None, ...]
    unit: str = ""

    def __contains__(self, value: object) -> bool:
        return value in self.words

    def __str__(self) -> str:
        *some, last = map(repr, self.words)
        return f"{', '.join(some)} or {last}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Dsn:
    """How a server is reached; None where it is reached as in ``DATABASES``."""

    unit: str = ""

    def __contains__(self, value: object) -> bool:
        return value is None or (type(value) is str and value.strip() != "")

    def __str__(self) -> str:
        return "a connection string such as 'postgresql://user@host/name' or None"


def _option(default: Any, bound: Flag | Number | Word | Dsn) -> Any:
    return field(default=default, metadata={"bound": bound})


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """The options of ``HELIOGRAPH`` with their defaults; the bound of each is in the metadata of its field.

    Attributes:
        DISCOVER: import the modules of installed apps that hold receivers, at heliograph's place among the apps.
        LEASE_SECONDS: how long a worker that gives no sign keeps its partitions.
        POLL_SECONDS: how often a worker looks for new events when nothing wakes it; see ``poll_seconds``.
        RETENTION_SECONDS: how long an event stays for replay once nothing is owed of it.
        MAX_PAYLOAD_BYTES: the largest payload of one event, as it is recorded.
        MAX_HOPS: how many events may cause one another in a row before the last is dead.
        WORKER: where durable receivers run; see ``worker``.
        OUTSIDE_TRANSACTION: what a durable signal does that is sent in autocommit.
        LISTEN_DSN: where a worker waits for NOTIFY, if the database is reached through a pooler.
    """

    DISCOVER: bool = _option(True, Flag())
    LEASE_SECONDS: float = _option(15, Number(unit="seconds", least=0.5, most=3600))
    POLL_SECONDS: float | None = _option(None, Number(unit="seconds", least=0.001, most=3600, empty=True))
    RETENTION_SECONDS: float = _option(604800, Number(unit="seconds", least=0, most=3153600000))
    MAX_PAYLOAD_BYTES: int = _option(262144, Number(unit="bytes", least=1, most=67108864, whole=True))
    MAX_HOPS: int = _option(32, Number(unit="hops", least=1, most=10000, whole=True))
    WORKER: str | None = _option(None, Word(words=("thread", "process", None)))
    OUTSIDE_TRANSACTION: str = _option("warn", Word(words=("allow", "warn", "error")))
    LISTEN_DSN: str | None = _option(None, Dsn())

    def poll_seconds(self, vendor: str) -> float:
        """Return ``POLL_SECONDS``, or what suits a database: 0.05 on SQLite, where a look costs nothing, else 1.

        Args:
            vendor: as a Django connection names it.
        """
        if self.POLL_SECONDS is not None:
            return self.POLL_SECONDS
        return 0.05 if vendor == "sqlite" else 1.0

    def worker(self, *, debug: bool) -> str:
        """Return ``WORKER``, or ``"thread"`` (inside the web process) under ``DEBUG`` and ``"process"`` without."""
        return self.WORKER or ("thread" if debug else "process")


_BOUNDS = {each.name: each.metadata["bound"] for each in fields(Options)}


@functools.cache
def options() -> Options:
    """Return the options in force: a wrong one is left aside, as start-up and the check heliograph.E005 have told.

    Guarantees:
        Read once, and again when a test overrides a setting.
    """
    given = getattr(settings, "HELIOGRAPH", {})
    if not isinstance(given, dict):
        return Options()
    return Options(
        **{option: value for option, value in given.items() if option in _BOUNDS and value in _BOUNDS[option]}
    )


def _forget(**_: Any) -> None:
    options.cache_clear()


setting_changed.connect(_forget)


def problems(given: Any) -> list[str]:
    """Return what is wrong with a value of ``HELIOGRAPH``, each with its remedy."""
    if not isinstance(given, dict):
        return [f'HELIOGRAPH is a dictionary such as {{"DISCOVER": True}}, not {given!r}.']
    found = []
    for option, value in given.items():
        if option not in _BOUNDS:
            near = difflib.get_close_matches(str(option).upper(), _BOUNDS, n=1, cutoff=0.5)
            remedy = f"Did you mean {near[0]!r}?" if near else f"The options are: {', '.join(_BOUNDS)}."
            found.append(f"HELIOGRAPH has no option {option!r}. {remedy}")
        elif value not in (bound := _BOUNDS[option]):
            # What was meant as a DSN may hold a password.
            shown = f"a value of type {type(value).__name__}" if isinstance(bound, Dsn) else repr(value)
            found.append(f"HELIOGRAPH[{option!r}] is {bound}, not {shown}.")
    return found
