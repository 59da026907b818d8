"""``heliograph.Signal``: the dispatcher behind Django's own class."""

from __future__ import annotations

import sys
import weakref
from collections.abc import Mapping, Sequence
from typing import Any

import django.dispatch
from django.conf import settings
from django.utils.inspect import func_accepts_kwargs

from heliograph.dispatch.binding import Receiver
from heliograph.dispatch.index import Plan
from heliograph.dispatch.sending import stand_before
from heliograph.dispatch.signal import Signal as DispatchSignal
from heliograph.errors import SignalDeclarationError
from heliograph.events.names import label, signal_name
from heliograph.signals.ordering import Key, check_key, ordering_key
from heliograph.signals.tools import as_tools_see

stand_before(django.dispatch.Signal)

#: Every signal of Heliograph's own in this process.
signals: weakref.WeakSet[Signal] = weakref.WeakSet()


class Signal(DispatchSignal, django.dispatch.Signal):
    """A signal: Django's ``Signal``, faster, and robust where Django's is not.

    Args:
        use_caching: taken for Django's sake; who is to be called is always worked out once after each change.
        name: the signal's name, which then stays when the module or the attribute is renamed.
        key: the argument whose value keeps sendings in order for durable receivers, or a function of the arguments
            that returns it.
        aliases: names that the signal had, under which events have been recorded.

    Raises:
        SignalDeclarationError: a name, a key or an alias is none.

    Source:
        The API and the asynchronous behaviour of ``django.dispatch`` as of Django 6.1, on every Django.
    """

    _name: str | None = None

    def __init__(
        self,
        use_caching: bool = False,
        *,
        name: str | None = None,
        key: Key | None = None,
        aliases: Sequence[str] = (),
    ) -> None:
        super().__init__(use_caching)
        if name is not None:
            self._name = _checked_name(name)
        check_key(key)
        if isinstance(aliases, str) or not isinstance(aliases, Sequence):
            raise SignalDeclarationError(f"The aliases of a signal are a list of names, not {aliases!r}.")
        self._key = key
        self.aliases = tuple(map(_checked_name, aliases))
        self._made_in = _making_module()
        signals.add(self)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.name or f'made in {self._made_in}'}>"

    @property
    def name(self) -> str | None:
        """Its name: ``app_label.attribute``, or the dotted path outside an app; None where it has none or two."""
        return signal_name(self)

    @name.setter
    def name(self, name: str) -> None:  # for subclasses made for Django's, which may set a name of their own
        self._name = name

    def ordering_key(self, named: Mapping[str, Any]) -> str | None:
        """Return the key of a sending: durable receivers get the events of one key in the order of sending.

        Args:
            named: what is sent, without signal and sender.

        Returns:
            ``app_label.Model:pk`` where the key is a model instance, else its text; None where there is none.

        Raises:
            PayloadError: the argument that is the key is not sent.
        """
        return ordering_key(self._key, named, self._label(self))

    def _check_receiver(self, receiver: Receiver) -> None:
        if settings.configured and settings.DEBUG:
            if not callable(receiver):
                raise TypeError("Signal receivers must be callable.")
            if not func_accepts_kwargs(receiver):
                raise ValueError("Signal receivers must accept keyword arguments (**kwargs).")

    @staticmethod
    def _label(signal: Any) -> str:
        return label(signal)

    def _seen_by_tools(self, sender: object, plan: Plan) -> Plan:
        return as_tools_see(self, sender, plan)


def _checked_name(name: Any) -> str:
    if not (isinstance(name, str) and name):
        raise SignalDeclarationError(f"The name of a signal is a string such as 'store.order_created', not {name!r}.")
    return name


def _making_module() -> str:
    """Return the name of the module whose code makes the signal: of the first frame outside ``__init__``."""
    frame = sys._getframe(1)
    while frame.f_code.co_name == "__init__" and frame.f_back is not None:
        frame = frame.f_back
    name: str = frame.f_globals.get("__name__", "?")
    return name
