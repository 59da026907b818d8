"""Calling receivers: the one body of logic behind the ways to send."""

from __future__ import annotations

import asyncio
import contextvars
import functools
import logging
from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

from asgiref.sync import sync_to_async

from heliograph.dispatch.binding import Receiver, Scope, Via
from heliograph.dispatch.identity import name_of
from heliograph.dispatch.index import Target
from heliograph.dispatch.recursion import explain
from heliograph.errors import SignalRecursionError

logger = logging.getLogger("django.dispatch")

#: What a sending gives back: each receiver with what it returned, or the exception that it raised.
Responses: TypeAlias = "list[tuple[Receiver, Any]]"

#: The exceptions that a sending keeps as responses: none, or ``Exception`` for a robust one.
Caught: TypeAlias = "tuple[()] | type[Exception]"


async def call_rest(targets: Sequence[Target], named: Mapping[str, Any], caught: Caught) -> Responses:
    """Call the asynchronous receivers of a sending.

    They run together, unless a robust sending finds a transaction open in the thread of synchronous code: then one
    after another, each in its own scope, because scopes in one transaction cannot overlap.
    """
    scope = await _open_scope(targets) if caught else None
    if scope is None:
        return await _call_together(targets, named, caught)
    responses: Responses = []
    for target in targets:
        responses += await _call_together([_inside(scope, target)], named, caught)
    return responses


async def _call_together(targets: Sequence[Target], named: Mapping[str, Any], caught: Caught) -> Responses:
    """Call asynchronous receivers concurrently, in one context that they share with the caller.

    When one raises, the others are cancelled; a single exception is raised as it is, several as a group.
    """
    receivers = [(receiver, via) for resolve, via, _ in targets if (receiver := resolve()) is not None]
    responses: list[Any] = [None] * len(receivers)

    async def call(place: int, receiver: Receiver, via: Via | None) -> None:
        try:
            if via is None:
                responses[place] = await receiver(**named)
            else:
                responses[place] = await via(receiver, named)
        except caught as error:
            responses[place] = failed(named["signal"], receiver, error)

    raised: BaseException | None
    context = contextvars.copy_context()
    try:
        async with asyncio.TaskGroup() as group:
            for place, (receiver, via) in enumerate(receivers):
                group.create_task(call(place, receiver, via), context=context)
    except BaseExceptionGroup as group:
        raised = group.exceptions[0] if len(group.exceptions) == 1 else group
    else:
        raised = None
    finally:
        _take_over(context)
    if raised is not None:
        raise raised  # out here, so that it keeps its own cause and context
    return [(receiver, response) for (receiver, _), response in zip(receivers, responses, strict=True)]


async def _open_scope(targets: Sequence[Target]) -> Scope | None:
    for _, _, guard in targets:
        if guard is not None:
            return await sync_to_async(guard)()
    return None


def _inside(scope: Scope, target: Target) -> Target:
    resolve, via, guard = target

    async def call(receiver: Receiver, named: Mapping[str, Any]) -> Any:
        return await acall_inside(scope, via, receiver, named)

    return target if guard is None else (resolve, call, guard)


async def acall_inside(scope: Scope, via: Via | None, receiver: Receiver, named: Mapping[str, Any]) -> Any:
    """Call an asynchronous receiver inside a scope, which belongs to the thread of synchronous code."""
    manager = await sync_to_async(scope)()
    await sync_to_async(manager.__enter__)()
    try:
        response = await (receiver(**named) if via is None else via(receiver, named))
    except BaseException as error:
        await sync_to_async(manager.__exit__)(type(error), error, error.__traceback__)
        raise
    await sync_to_async(manager.__exit__)(None, None, None)
    return response


def failed(signal: Any, receiver: Receiver, error: Exception) -> Exception:
    """Log what a receiver raised in a robust sending, and return it as the response.

    An endless recursion is logged once: each of its rounds may be a robust sending that hears of it again.
    """
    if isinstance(error, RecursionError):
        error = explain(error, signal._label)
        if getattr(error, "logged", False):
            return error
    signal._log_robust_failure(receiver, error)
    if isinstance(error, SignalRecursionError):
        error.logged = True
    return error


def guarded(targets: Sequence[Target], scope: Scope) -> list[Target]:
    """Return the targets, each one that has a guard calling its receiver inside the scope."""
    return [
        (resolve, via if guard is None else functools.partial(_call_inside, scope, via), guard)
        for resolve, via, guard in targets
    ]


def _call_inside(scope: Scope, via: Via | None, receiver: Receiver, named: Mapping[str, Any]) -> Any:
    with scope():
        return receiver(**named) if via is None else via(receiver, named)


def log_failure(receiver: Receiver, error: Exception) -> None:
    """Log the exception that a receiver raised, in Django's words and to Django's logger."""
    name = getattr(receiver, "__qualname__", None) or name_of(receiver)
    logger.error("Error calling %s in Signal.send_robust() (%s)", name, error, exc_info=error)


def _take_over(context: contextvars.Context) -> None:
    """Set in the current context what the receivers have set in theirs."""
    unset = object()
    for variable, value in context.items():
        if variable.get(unset) is not value:
            variable.set(value)
