"""The signal itself: connecting receivers, and the ways to send."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping, MutableMapping
from typing import Any

from asgiref.sync import iscoroutinefunction

from heliograph.dispatch import muting
from heliograph.dispatch.awaiting import in_thread
from heliograph.dispatch.binding import PLAIN, Bound, Receiver
from heliograph.dispatch.calls import Caught, Responses, call_rest, log_failure
from heliograph.dispatch.connections import Connections
from heliograph.dispatch.entries import Entry, SenderReceiversCache
from heliograph.dispatch.identity import identify, name_of, place_of
from heliograph.dispatch.index import EMPTY, AskedIndex, Index, Plan, callables
from heliograph.dispatch.notice import warn
from heliograph.dispatch.sending import SIGNAL_SENT, sending, sendings_of, tools_watch
from heliograph.errors import DispatchUidWarning, LostReceiverWarning


class Signal:
    """A named thing that can happen, and those who want to hear of it.

    Guarantees:
        Thread safe. ``send`` takes no lock; a connection made or undone during a send takes effect at the next one.
    """

    #: Whether a subclass has a ``_live_receivers`` of its own, which then is asked at each send.
    _asks = False

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        cls._asks = cls._live_receivers is not Signal._live_receivers
        cls._new_index = AskedIndex if cls._asks else Index

    def __init__(self, use_caching: bool = False) -> None:
        self._connections = Connections(self._changed)
        self._index: Index | None = None
        self.use_caching = use_caching
        self.lock: Any = self._connections.lock
        self.sender_receivers_cache: MutableMapping[Any, Any] = SenderReceiversCache(self._connections)

    @property
    def receivers(self) -> list[Any]:
        """The entries of the connections, in the order of connecting; a list that may be changed and assigned."""
        return self._connections.listed()

    @receivers.setter
    def receivers(self, entries: Iterable[Any]) -> None:
        self._connections.assign(entries)

    @receivers.deleter
    def receivers(self) -> None:
        self._connections.restore()

    def connect(
        self,
        receiver: Receiver,
        sender: object | None = None,
        weak: bool = True,
        dispatch_uid: Hashable | None = None,
    ) -> None:
        """Connect a receiver, for one sender or for all.

        Args:
            receiver: a callable, also an asynchronous one, that takes keyword arguments.
            sender: the sender to hear; None for every sender.
            weak: keep only a weak reference to the receiver; it is disconnected when it is collected.
            dispatch_uid: stands for the receiver in telling whether it is connected already.

        Guarantees:
            Connecting twice is connecting once. Another function under a used ``dispatch_uid`` is not connected,
            and a DispatchUidWarning names both. The time does not depend on the number of connections.
        """
        binding = PLAIN
        if isinstance(receiver, Bound):
            target = receiver.target()
            if target is None:
                return
            receiver, binding = target, receiver.binding
        self._check_receiver(receiver)
        key = (dispatch_uid or identify(receiver), identify(sender))
        connections = self._connections
        entry = Entry(
            (
                key,
                connections.reference(receiver, key) if weak else receiver,
                connections.sender_reference(sender, key),
                iscoroutinefunction(receiver) and not binding.sync,
            )
        )
        if binding is not PLAIN:
            entry.binding = binding
        holder = connections.add(entry)
        if dispatch_uid and holder is not entry:
            _warn_if_another(holder.receiver, receiver, dispatch_uid)
        self._warn_of_lost()

    def disconnect(
        self, receiver: Receiver | None = None, sender: object | None = None, dispatch_uid: Hashable | None = None
    ) -> bool:
        """Disconnect a receiver from a sender, each given as it was to ``connect``.

        Returns:
            Whether there was such a connection.
        """
        if isinstance(receiver, Bound):
            receiver = receiver.target()
        return self._connections.remove((dispatch_uid or identify(receiver), identify(sender)))

    def has_listeners(self, sender: object | None = None) -> bool:
        """Tell whether any receiver would hear this sender."""
        plan = self._plan(sender)
        return any(resolve() is not None for resolve, _, _ in plan.sync + plan.asynchronous)

    @sending(caught=())
    def send(self, sender: Any, **named: Any) -> Responses:
        """Call every receiver that listens to the sender: synchronous ones in turn, then asynchronous ones together.

        Args:
            sender: what the signal is sent from; None for nobody in particular.
            named: what the receivers get.

        Returns:
            Pairs of receiver and response, synchronous ones first, each in the order of connecting.

        Raises:
            Exception: the first that a receiver raises, as it is; the remaining receivers are not called.
            SignalRecursionError: a receiver ends up sending this signal without end.
        """
        return []

    @sending(caught=Exception)
    def send_robust(self, sender: Any, **named: Any) -> Responses:
        """Call every receiver as ``send`` does; what one raises is logged and becomes its response.

        Guarantees:
            A receiver that raises does not keep the others from running. One whose connection has a guard (those
            made by ``heliograph.receiver``) takes back what it wrote in the open transactions, and nothing else.
        """
        return []

    async def asend(self, sender: Any, **named: Any) -> Responses:
        """Call every receiver as ``send`` does, from asynchronous code; synchronous ones run in asgiref's thread.

        Raises:
            Exception: as ``send``; when several asynchronous receivers raise, theirs come as a group.
        """
        return await self._asend(self._send_in_turn, sender, named, ())

    async def asend_robust(self, sender: Any, **named: Any) -> Responses:
        """Call every receiver as ``asend`` does; what one raises is logged and becomes its response."""
        return await self._asend(self._send_in_turn_robust, sender, named, Exception)

    def send_many(self, sender: Any, payloads: Iterable[Mapping[str, Any]]) -> list[Responses]:
        """Send once for each payload, all recorded together before the first receiver is called.

        Args:
            sender: what the signal is sent from; None for nobody in particular.
            payloads: what the receivers get, for each sending.

        Returns:
            What ``send`` returns, for each payload in turn.

        Raises:
            Exception: as ``send``; the payloads after it are not sent, though they have been recorded. Inside
                ``atomic()`` the exception takes the records back with all else.

        Guarantees:
            Those of one database are recorded in one statement: all of them or none.
        """
        sendings = sendings_of(payloads)
        recorder = self._plan(sender).recorder
        if recorder is not None and sendings:
            recorder(self, sender, sendings)
        return [self._send_recorded(sender, **named) for named in sendings]

    async def asend_many(self, sender: Any, payloads: Iterable[Mapping[str, Any]]) -> list[Responses]:
        """Send as ``send_many`` does, from asynchronous code; synchronous receivers run in asgiref's thread."""
        sendings = sendings_of(payloads)
        recorder = self._plan(sender).recorder
        if recorder is not None and sendings:
            await in_thread(recorder, self, sender, sendings)
        return [await self._asend(self._send_recorded_in_turn, sender, named, ()) for named in sendings]

    @sending(caught=(), records=False)
    def _send_recorded(self, sender: Any, **named: Any) -> Responses:
        return []

    @sending(caught=(), waits=False, records=False)
    def _send_recorded_in_turn(self, sender: Any, **named: Any) -> Responses:
        return []

    @sending(caught=(), waits=False)
    def _send_in_turn(self, sender: Any, **named: Any) -> Responses:
        return []

    @sending(caught=Exception, waits=False)
    def _send_in_turn_robust(self, sender: Any, **named: Any) -> Responses:
        return []

    async def _asend(
        self, send_in_turn: Callable[..., Responses], sender: Any, named: dict[str, Any], caught: Caught
    ) -> Responses:
        if self._index is None:
            return []
        plan = self._plan(sender)
        responses: Responses = []
        if plan.sync:
            responses = await in_thread(send_in_turn, sender, **named)
        if plan.asynchronous:
            if "signal" in named:
                raise TypeError(SIGNAL_SENT)
            responses += await call_rest(plan.asynchronous, {**named, "signal": self, "sender": sender}, caught)
        return responses

    def _changed(self) -> None:
        # Comes from finalizers too: no lock, and no global of this module, which may be gone by then.
        self._index = self._new_index() if self._connections.entries else None
        if self._index is None and self._connections.entries:
            # Another thread has connected since: its index must not give way to none.
            self._index = self._new_index()

    _new_index: type[Index] = Index

    def _plan(self, sender: object) -> Plan:
        """Return who is to be called now, in this context, for a sender."""
        self._warn_of_lost()
        plan = self._audible(sender)
        if self._asks:
            plan = plan.calling(*self._live_receivers(sender))
        if tools_watch():
            plan = self._seen_by_tools(sender, plan)
        return plan

    def _audible(self, sender: object) -> Plan:
        """Return who listens to a sender, without those who are muted in this context."""
        plan = self._indexed(sender)
        if muting.active:
            plan = EMPTY if muting.is_muted(self) else plan.without(muting.is_muted)
        return plan

    def _indexed(self, sender: object) -> Plan:
        index = self._index
        if index is None:
            return EMPTY
        plans, others = index.table
        return plans.get(id(sender), others) or index.resolve(sender, self._connections.now, self._changed)

    def _seen_by_tools(self, sender: object, plan: Plan) -> Plan:
        """Return the plan as the tools that replaced the framework's ``_live_receivers`` make it."""
        return plan

    def _live_receivers(self, sender: object) -> tuple[list[Receiver], list[Receiver]]:
        """Return the synchronous and the asynchronous callables for a sender, in new lists; for tools."""
        plan = self._audible(sender)
        return callables(plan.sync), callables(plan.asynchronous)

    def _clear_dead_receivers(self) -> None:
        """Forget the connections whose receiver or sender is gone. The caller holds ``lock``, as with Django's."""
        self._connections.purge()

    def _check_receiver(self, receiver: Receiver) -> None:
        """Refuse a receiver that cannot work, where the framework says so."""

    def _log_robust_failure(self, receiver: Receiver, error: Exception) -> None:
        log_failure(receiver, error)

    @staticmethod
    def _label(signal: Any) -> str:
        """Return what people call a signal, any one."""
        return repr(signal)

    def _warn_of_lost(self) -> None:
        for name in self._connections.lost():
            warn(
                f"{name} was collected while it was connected to {self._label(self)}, and is not called any more: "
                "nothing else held the function. Connect it with weak=False, or define it at module level.",
                LostReceiverWarning,
            )


def _warn_if_another(connected: Receiver, refused: Receiver, dispatch_uid: Hashable) -> None:
    there, here = place_of(connected), place_of(refused)
    if there != here:
        warn(
            f"{name_of(refused)} ({here}) is not connected: dispatch_uid {dispatch_uid!r} is taken by "
            f"{name_of(connected)} ({there}). Give each receiver a dispatch_uid of its own.",
            DispatchUidWarning,
        )
