"""The one body behind the ways to send: whom to call, and calling them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import update_wrapper
from types import SimpleNamespace
from typing import Any, TypeVar, cast

from asgiref.sync import async_to_sync

from heliograph.dispatch import muting
from heliograph.dispatch.calls import Caught, Responses, call_rest, failed, guarded
from heliograph.dispatch.index import EMPTY, Target
from heliograph.dispatch.recursion import calls_receivers, explain

F = TypeVar("F", bound=Callable[..., Responses])

#: The framework's own signal class, and its ``_live_receivers`` as it came: tools replace that to see every send.
_framework: Any = SimpleNamespace(_live_receivers=None)
_framework_live_receivers: Any = None

SIGNAL_SENT = "'signal' is what every receiver gets as the signal itself; give the argument another name."
SENDER_SENT = "'sender' is what every receiver gets as the sender, the same for all payloads; leave it out of them."


def stand_before(framework: type) -> None:
    """Let every send look whether a tool has replaced the ``_live_receivers`` of this class."""
    global _framework, _framework_live_receivers
    _framework = framework
    came: Any = framework._live_receivers  # type: ignore[attr-defined]
    # A tool may have come first: then what is there is not the framework's own.
    own = getattr(came, "__globals__", {}).get("__name__") == framework.__module__
    _framework_live_receivers = came if own else None


def tools_watch() -> bool:
    """Tell whether a tool has replaced the framework's ``_live_receivers``."""
    return _framework._live_receivers is not _framework_live_receivers


def sendings_of(payloads: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return what is sent for each payload; refuse the names of what every receiver gets anyway."""
    sendings = [{**payload} for payload in payloads]
    for named in sendings:
        if named.keys() & {"signal", "sender"}:
            raise TypeError(SIGNAL_SENT if "signal" in named else SENDER_SENT)
    return sendings


def sending(*, caught: Caught, waits: bool = True, records: bool = True) -> Callable[[F], F]:
    """Give a method ``(self, sender, **named)`` of a signal the body of a sending.

    What is decorated answers when nobody is connected. The body is made anew for each way to send, instead of being
    called by all of them: with one receiver, that call would be a tenth of the time.

    Args:
        caught: the exceptions that become responses.
        waits: whether asynchronous receivers are called too; else they are left to the caller.
        records: whether the sending is recorded, where a receiver wants that; else the caller has done it. What the
            recorder raises is raised, also by a robust sending.
    """

    def give(declared: F) -> F:
        @calls_receivers
        def send(self: Any, sender: Any, **named: Any) -> Responses:
            index = self._index
            if index is None:
                return []
            plans, others = index.table
            plan = plans.get(id(sender), others) if plans else others
            if plan is EMPTY:
                return []
            if plan is None or muting.active or _framework._live_receivers is not _framework_live_receivers:
                plan = self._plan(sender)
                # Only here: plans with a recorder are not in the table.
                if plan.recorder is not None and records and "signal" not in named:
                    plan.recorder(self, sender, [{**named}])
            if "signal" in named:
                raise TypeError(SIGNAL_SENT)
            # Each receiver is called with this one dictionary as it is.
            named["signal"] = self
            named["sender"] = sender
            targets: Sequence[Target] = plan.sync
            if caught and (guard := plan.guard) is not None and (scope := guard()) is not None:
                targets = guarded(targets, scope)
            responses: Responses = []
            try:
                for resolve, via, _ in targets:
                    receiver = resolve()
                    if receiver is None:
                        continue
                    try:
                        response = receiver(**named) if via is None else via(receiver, named)
                    except caught as error:
                        response = failed(self, receiver, error)
                    responses.append((receiver, response))
            except RecursionError as error:
                explained = explain(error, self._label)
                if explained is error:
                    raise
                raise explained from None
            if plan.asynchronous and waits:
                responses += async_to_sync(call_rest)(plan.asynchronous, named, caught)
            return responses

        return cast("F", update_wrapper(send, declared))

    return give
