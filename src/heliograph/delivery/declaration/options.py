"""What ``@receiver(..., durable=True, ...)`` takes."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from heliograph.delivery.decisions.retry import LONGEST_SECONDS, RetryPolicy
from heliograph.delivery.declaration.name import LONGEST, is_name
from heliograph.errors import ReceiverDeclarationError

ORDERINGS = ("key", "strict", "none")
STARTS = ("now", "beginning")

#: More would cost more rows and turns than they could ever save.
MOST_PARTITIONS = 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class DurableOptions:
    """How a durable receiver is run.

    Attributes:
        retry: how often a failure is tried again, and when.
        ordering: ``"key"``: events of one key in order, a dead one lets the next go on; ``"strict"``: a dead one
            holds its key; ``"none"``: no order.
        partitions: into how many shares its events are divided, each run by one worker at a time.
        batch: None to share commits as time allows; 1 for a commit per event; N for up to N events that succeed or
            are redone together.
        atomic: its writes and the acknowledgement are one transaction.
        timeout: seconds after which an attempt has failed.
        start: where a new subscription begins, ``"now"`` or at the ``"beginning"`` of the log.
        payload: called with what is sent; returns what is recorded instead.
        snapshot: the fields of model instances to record; True for all, False for the reference alone.
        raw: hear of fixtures too.
        aliases: names that it had.
    """

    retry: RetryPolicy = field(default_factory=RetryPolicy)
    ordering: str = "key"
    partitions: int = 1
    batch: int | None = None
    atomic: bool = True
    timeout: float = 300
    start: str = "now"
    payload: Callable[..., Any] | None = None
    snapshot: bool | tuple[str, ...] = True
    raw: bool = False
    aliases: tuple[str, ...] = ()


#: The options by name, for whoever tells them from those of ``connect``.
DURABLE_OPTIONS = tuple(each.name for each in fields(DurableOptions))


def durable_options(receiver_name: str, given: Mapping[str, Any]) -> DurableOptions:
    """Return the options of a durable receiver.

    Args:
        receiver_name: as it is stored.
        given: what ``receiver`` was given besides what it passes on to ``connect``.

    Raises:
        ReceiverDeclarationError: an option is not known, or its value cannot work; receiver and remedy are named.
    """
    for option, value in given.items():
        if option not in DURABLE_OPTIONS:
            near = difflib.get_close_matches(option, DURABLE_OPTIONS, n=1, cutoff=0.5)
            remedy = f"Did you mean {near[0]!r}?" if near else f"The options are: {', '.join(DURABLE_OPTIONS)}."
            raise ReceiverDeclarationError(f"{receiver_name}: a durable receiver has no option {option!r}. {remedy}")
        is_allowed, allowed = _ALLOWED[option]
        if not is_allowed(value):
            raise ReceiverDeclarationError(f"{receiver_name}: {option} is {allowed}, not {value!r}.")
    fixed: dict[str, Any] = {option: tuple(v) if isinstance(v, list) else v for option, v in given.items()}
    options = DurableOptions(**fixed)
    if options.batch is not None and not options.atomic:
        raise ReceiverDeclarationError(
            f"{receiver_name}: batch={options.batch} needs atomic=True, as without a transaction events are run one by "
            "one. Leave one of the two out."
        )
    if receiver_name in options.aliases:
        raise ReceiverDeclarationError(
            f"{receiver_name}: aliases are names that the receiver had before, and {receiver_name!r} is its name now. "
            "Leave it out."
        )
    return options


def _is_flag(value: Any) -> bool:
    return type(value) is bool


def _is_count(value: Any) -> bool:
    return type(value) is int and value >= 1


def _are_names(value: Any) -> bool:
    return isinstance(value, list | tuple) and all(map(is_name, value))


#: For each option: whether a value will do, and what will, in words.
_ALLOWED: dict[str, tuple[Callable[[Any], bool], str]] = {
    "retry": (lambda value: isinstance(value, RetryPolicy), "a RetryPolicy such as RetryPolicy(max_attempts=5)"),
    "ordering": (lambda value: isinstance(value, str) and value in ORDERINGS, "'key', 'strict' or 'none'"),
    "partitions": (
        lambda value: _is_count(value) and value <= MOST_PARTITIONS,
        f"a whole number from 1 to {MOST_PARTITIONS}",
    ),
    "batch": (lambda value: value is None or _is_count(value), "a whole number from 1, or None"),
    "atomic": (_is_flag, "True or False"),
    "timeout": (
        lambda value: type(value) in (int, float) and 0 < value <= LONGEST_SECONDS,
        f"a number of seconds above 0 and up to {LONGEST_SECONDS}",
    ),
    "start": (lambda value: isinstance(value, str) and value in STARTS, "'now' or 'beginning'"),
    "payload": (lambda value: value is None or callable(value), "a callable, or None"),
    "snapshot": (lambda value: _is_flag(value) or _are_names(value), "a list of field names, True or False"),
    "raw": (_is_flag, "True or False"),
    "aliases": (_are_names, f"a list of names of 1 to {LONGEST} characters"),
}
