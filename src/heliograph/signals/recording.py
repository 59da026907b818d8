"""Durable receivers on a signal that is not Heliograph's own: each sending is recorded once, before it is heard."""

from __future__ import annotations

import weakref
from collections.abc import Iterator, Mapping
from typing import Any

from heliograph.dispatch import muting
from heliograph.dispatch.binding import Receiver
from heliograph.dispatch.identity import ANYONE, identify
from heliograph.signals.wrapper import Wrapper


class RecordingWrapper(Wrapper):
    """A durable receiver as one callable that any Django dispatcher can connect.

    Called, it does not call the receiver: of all those that hear a sending, the first one has it recorded. They stand
    ahead of all other receivers.
    """

    def _call(self, named: dict[str, Any]) -> None:
        signal, record = named["signal"], self.binding.record
        hearing = audible(signal, named)
        if record is None or next(hearing, None) is not self:
            return
        names = dict.fromkeys(wrapper.name for wrapper in (self, *hearing))
        sent = {name: value for name, value in named.items() if name not in ("signal", "sender")}
        record(signal, named["sender"], [sent], list(names))
        if _is_behind_others(signal, self):  # a tool has put them there, as mute_signals does
            put_first(signal)

    @property
    def name(self) -> str:
        """The receiver's name, under which its subscription is stored."""
        return self.binding.name or ""


def listening(signal: Any, named: Mapping[str, Any]) -> Iterator[RecordingWrapper]:
    """Yield the durable receivers of a signal that listen to the sender in ``named``, in the order of being called."""
    senders = (ANYONE, identify(named["sender"]))
    for entry in list(signal.receivers):
        wrapper = receiver_of(entry)
        if isinstance(wrapper, RecordingWrapper) and entry[0][1] in senders and wrapper.listens(named):
            yield wrapper


def audible(signal: Any, named: Mapping[str, Any]) -> Iterator[RecordingWrapper]:
    """Yield the durable receivers that listen, without those that are muted in this context."""
    if not (muting.active and muting.is_muted(signal)):
        for wrapper in listening(signal, named):
            if not (muting.active and muting.is_muted(wrapper.target())):
                yield wrapper


def put_first(signal: Any) -> None:
    """Put the durable receivers of a signal ahead of the others, each kind in the order of connecting."""
    with signal.lock:
        # In place, so that whoever holds the list sees it.
        signal.receivers[:] = sorted(
            signal.receivers, key=lambda entry: not isinstance(receiver_of(entry), RecordingWrapper)
        )
        signal.sender_receivers_cache.clear()


def _is_behind_others(signal: Any, wrapper: RecordingWrapper) -> bool:
    """Tell whether a receiver that is not durable is called before a durable one."""
    for entry in list(signal.receivers):
        receiver = receiver_of(entry)
        if receiver is wrapper or not isinstance(receiver, RecordingWrapper):
            return receiver is not wrapper
    return False


def receiver_of(entry: tuple[Any, ...]) -> Receiver | None:
    """Return the receiver that an entry of any signal holds, strongly or weakly; None once it is gone."""
    held = entry[1]
    receiver: Receiver | None = held() if isinstance(held, weakref.ReferenceType) else held
    return receiver
