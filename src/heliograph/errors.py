"""Every error and warning that Heliograph raises.

HeliographError
├── SignalDeclarationError   (TypeError)       a signal is declared wrongly
├── ReceiverDeclarationError (TypeError)       a receiver is declared wrongly
├── PayloadError             (TypeError)       what is sent is not what the signal declares
├── RecordingError           (RuntimeError)    an event that durable receivers are to get cannot be recorded
├── PayloadDecodeError       (ValueError)      a recorded payload cannot be turned back into values
├── NoCurrentEventError      (RuntimeError)    no durable receiver runs here, so there is no event
├── TransactionError         (RuntimeError)    a receiver needs a transaction that is not there
├── UnsupportedDatabaseError (RuntimeError)    durable receivers cannot be had on a database
├── DeliveryStateError       (RuntimeError)    a delivery is not in a state in which that can happen
├── UnknownSignalError       (LookupError)     no signal, or more than one, goes by a name
├── UnknownSenderError       (LookupError)     no model and no class goes by a label
├── NoEventLogError          (LookupError)     a database has no event log
├── UnknownSubscriptionError (LookupError)     no subscription goes by a name
├── UnknownDeliveryError     (LookupError)     no open delivery has a number
├── SubscriptionInUseError   (RuntimeError)    a subscription is to be dropped whose receiver is still there
└── SignalRecursionError     (RecursionError)  a receiver causes its own signal without end

HeliographWarning (UserWarning)
├── AutocommitWarning        a durable signal is sent in autocommit
├── DispatchUidWarning       another function under a dispatch_uid that is taken
└── LostReceiverWarning      a receiver was collected while it was connected
"""

from __future__ import annotations

import functools


class HeliographError(Exception):
    """Any error of Heliograph's own."""


class SignalDeclarationError(HeliographError, TypeError):
    """A signal is declared in a way that cannot work."""


class ReceiverDeclarationError(HeliographError, TypeError):
    """A receiver is declared in a way that cannot work."""


class PayloadError(HeliographError, TypeError):
    """What is sent does not match the signature of a typed signal, or cannot be recorded.

    Attributes:
        signal: name of the signal.
        argument: name of the argument that is missing, not declared, or cannot be recorded.
    """

    def __init__(self, message: str, *, signal: str, argument: str) -> None:
        super().__init__(message)
        self.signal = signal
        self.argument = argument

    def __reduce__(self) -> tuple[object, ...]:
        return functools.partial(type(self), signal=self.signal, argument=self.argument), self.args, vars(self)


class RecordingError(HeliographError, RuntimeError):
    """An event could not be recorded; the transaction that it would have been part of is rolled back.

    Attributes:
        signal: name of the signal.
        receivers: names of the durable receivers that would have got it.
    """

    def __init__(self, message: str, *, signal: str, receivers: tuple[str, ...]) -> None:
        super().__init__(message)
        self.signal = signal
        self.receivers = receivers

    def __reduce__(self) -> tuple[object, ...]:
        return functools.partial(type(self), signal=self.signal, receivers=self.receivers), self.args, vars(self)


class PayloadDecodeError(HeliographError, ValueError):
    """A recorded payload or sender cannot be turned back into values."""


class NoCurrentEventError(HeliographError, RuntimeError):
    """The current event is asked for where no durable receiver runs."""


class TransactionError(HeliographError, RuntimeError):
    """A receiver's way of delivery needs a transaction that is not there."""


class UnsupportedDatabaseError(HeliographError, RuntimeError):
    """Heliograph keeps no event log on databases of this kind."""


class DeliveryStateError(HeliographError, RuntimeError):
    """Something is to happen to a delivery that cannot happen in its state.

    Attributes:
        state: where the delivery stands.
        happening: what was to happen.
        states: the states in which it can.
    """

    def __init__(self, *, state: str, happening: str, states: tuple[str, ...]) -> None:
        self.state = state
        self.happening = happening
        self.states = states
        super().__init__(
            f"A delivery that is {state} cannot be moved by {str(happening)!r}, only one that is {' or '.join(states)}."
        )

    def __reduce__(self) -> tuple[object, ...]:
        return (
            functools.partial(type(self), state=self.state, happening=self.happening, states=self.states),
            (),
            vars(self),
        )


class UnknownSignalError(HeliographError, LookupError):
    """No signal, or more than one, goes by a name."""


class UnknownSenderError(HeliographError, LookupError):
    """No model and no class goes by a label."""


class NoEventLogError(HeliographError, LookupError):
    """A database has no event log, or is not there at all."""


class UnknownSubscriptionError(HeliographError, LookupError):
    """No subscription goes by a name."""


class UnknownDeliveryError(HeliographError, LookupError):
    """No open delivery has a number."""


class SubscriptionInUseError(HeliographError, RuntimeError):
    """A subscription cannot be dropped while its receiver is declared: it would come back without its events."""


class SignalRecursionError(HeliographError, RecursionError):
    """A receiver ends up sending the signal that called it, without end.

    Attributes:
        chain: one round of the recursion, as (signal, receiver) names, in the order of calling.
        logged: whether a robust sending has logged it.
    """

    def __init__(self, chain: list[tuple[str, str]]) -> None:
        self.chain = chain
        self.logged = False
        first = chain[0][0]
        steps = "".join(f"\n  {signal} -> {receiver}" for signal, receiver in chain)
        super().__init__(
            f"{first} ends up sending itself without end:{steps}\n  {first} -> ...\n"
            "Let one of these receivers return early, or send under heliograph.muted(...)."
        )

    def __reduce__(self) -> tuple[object, ...]:
        return type(self), (self.chain,), vars(self)


class HeliographWarning(UserWarning):
    """Any warning of Heliograph's own."""


class AutocommitWarning(HeliographWarning):
    """A signal with durable receivers was sent in autocommit: the change and its event are not one transaction."""


class DispatchUidWarning(HeliographWarning):
    """Another function was connected under a dispatch_uid that is taken; it will not be called."""


class LostReceiverWarning(HeliographWarning):
    """A local function was collected while it was connected; it is no longer called."""
