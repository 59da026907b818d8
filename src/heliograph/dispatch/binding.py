"""How a connected receiver is called, where that is more than calling it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, TypeAlias

Receiver: TypeAlias = Callable[..., Any]

#: Calls a receiver in its own way and returns the response; signal and sender are among ``named``.
Via: TypeAlias = Callable[[Receiver, Mapping[str, Any]], Any]

#: A scope around one receiver of a robust sending, which undoes what the receiver did when it raises.
Scope: TypeAlias = Callable[[], AbstractContextManager[Any]]

#: Tells, at a robust sending, which scope each receiver needs here and now; None for no scope.
Guard: TypeAlias = Callable[[], Scope | None]

#: Takes down what is sent, before any receiver is called: the signal, the sender, what is sent each time (without
#: these two), and the names of the receivers that it is for.
Record: TypeAlias = Callable[[Any, Any, Sequence[Mapping[str, Any]], Sequence[str]], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Binding:
    """The way of calling that one connection has.

    Attributes:
        mode: the way of delivery in one word: ``now``, ``on_commit``, ``durable``.
        name: the receiver's name, where one was given to it; always there beside ``record``.
        via: calls the receiver; None for a plain call.
        guard: asked at each robust sending for the scope around the receiver; None for none ever.
        subclasses: whether a class as sender stands for its subclasses too.
        sync: the receiver is called as a synchronous one, whatever it is.
        record: called once for a sending, however many of its receivers have one; None for receivers without.
    """

    mode: str = "now"
    name: str | None = None
    via: Via | None = None
    guard: Guard | None = None
    subclasses: bool = False
    sync: bool = False
    record: Record | None = None


PLAIN = Binding()


class Bound:
    """A receiver to be connected together with its binding: what ``connect`` takes apart.

    Subclasses are callable, for dispatchers that know no bindings.
    """

    binding: Binding

    def target(self) -> Receiver | None:
        """Return the receiver itself, None once it is gone."""
        raise NotImplementedError
