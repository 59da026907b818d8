"""Typed signals: a function's signature is the payload."""

from __future__ import annotations

import difflib
import functools
import inspect
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Generic, ParamSpec, cast, overload

from django.conf import settings

from heliograph.dispatch.calls import Responses
from heliograph.dispatch.identity import name_of, place_of
from heliograph.errors import PayloadError, SignalDeclarationError
from heliograph.signals.ordering import Key
from heliograph.signals.signal import Signal

P = ParamSpec("P")

_RESERVED = ("self", "sender", "signal")


class TypedSignal(Signal, Generic[P]):
    """A signal whose payload is declared: what ``@signal`` makes of a function.

    Attributes:
        signature: the keyword-only parameters that a sending takes.
    """

    def __init__(
        self,
        declaration: Callable[P, None],
        *,
        name: str | None = None,
        key: Key | None = None,
        aliases: Sequence[str] = (),
    ) -> None:
        super().__init__(name=name, key=key, aliases=aliases)
        functools.update_wrapper(cast("Any", self), declaration)
        self.signature = _payload_of(declaration)
        _check_key_of(declaration, self.signature, key)
        self._made_in = declaration.__module__
        self._declared_as = declaration.__name__
        self._defaults = {
            name: parameter.default
            for name, parameter in self.signature.parameters.items()
            if parameter.default is not parameter.empty
        }

    def send(self, sender: Any, *args: P.args, **named: P.kwargs) -> Responses:
        return super().send(sender, **self._payload(args, named))

    def send_robust(self, sender: Any, *args: P.args, **named: P.kwargs) -> Responses:
        return super().send_robust(sender, **self._payload(args, named))

    async def asend(self, sender: Any, *args: P.args, **named: P.kwargs) -> Responses:
        return await super().asend(sender, **self._payload(args, named))

    async def asend_robust(self, sender: Any, *args: P.args, **named: P.kwargs) -> Responses:
        return await super().asend_robust(sender, **self._payload(args, named))

    def send_many(self, sender: Any, payloads: Iterable[Mapping[str, Any]]) -> list[Responses]:
        return super().send_many(sender, self._payloads(payloads))

    async def asend_many(self, sender: Any, payloads: Iterable[Mapping[str, Any]]) -> list[Responses]:
        return await super().asend_many(sender, self._payloads(payloads))

    def _payloads(self, payloads: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
        return [self._payload((), {**payload}) for payload in payloads]

    def _payload(self, args: tuple[Any, ...], named: dict[str, Any]) -> dict[str, Any]:
        """Return what is sent, with defaults; under DEBUG refuse what the signature does not declare."""
        if args:
            raise self._refusal("takes by keyword only", next(iter(self.signature.parameters), "nothing"))
        if settings.configured and settings.DEBUG:
            self._check(named)
        return {**self._defaults, **named} if self._defaults else named

    def _check(self, named: dict[str, Any]) -> None:
        declared = self.signature.parameters
        for argument in named:
            if argument not in declared:
                raise self._refusal("does not declare", argument)
        for argument in declared:
            if argument not in named and argument not in self._defaults:
                raise self._refusal("is sent without", argument)

    def _refusal(self, what: str, argument: str) -> PayloadError:
        name = self.name or self._declared_as
        return PayloadError(
            f"{name} {what} {argument!r}; it is declared as {self._declared_as}{self.signature}.",
            signal=name,
            argument=argument,
        )


@overload
def signal(declaration: Callable[P, None], /) -> TypedSignal[P]: ...


@overload
def signal(
    *, key: Key | None = None, name: str | None = None, aliases: Sequence[str] = ()
) -> Callable[[Callable[P, None]], TypedSignal[P]]: ...


def signal(
    declaration: Callable[..., None] | None = None,
    /,
    *,
    key: Key | None = None,
    name: str | None = None,
    aliases: Sequence[str] = (),
) -> Any:
    """Make a typed signal of a function: its name and docstring are the signal's, its parameters the payload.

    Args:
        declaration: has keyword-only parameters; its body is never run. Without it, ``@signal(...)`` stands on it.
        key: the parameter whose value keeps sendings in order for durable receivers, or a function of the parameters
            that returns it.
        name: a name that stays when the function is renamed or moved; else ``app_label.function``.
        aliases: names that the signal had, under which events have been recorded.

    Raises:
        SignalDeclarationError: a parameter that is not keyword-only, or is called self, sender or signal; a key that
            is no parameter or does not take the parameters; something else as name or alias.

    Guarantees:
        ``send`` is checked by type checkers, and under DEBUG when it is called: PayloadError names the argument.
        A parameter with a default is filled in where it is not sent.
    """

    def declare(declaration: Callable[P, None]) -> TypedSignal[P]:
        return TypedSignal(declaration, name=name, key=key, aliases=aliases)

    return declare if declaration is None else declare(declaration)


def _check_key_of(declaration: Callable[..., None], payload: inspect.Signature, key: Key | None) -> None:
    where = f"@signal {declaration.__qualname__} ({place_of(declaration)})"
    if isinstance(key, str) and key not in payload.parameters:
        near = difflib.get_close_matches(key, payload.parameters, n=1)
        remedy = f"Did you mean {near[0]!r}?" if near else f"They are: {', '.join(payload.parameters) or 'none'}."
        raise SignalDeclarationError(f"{where}: its key {key!r} is none of its parameters. {remedy}")
    if key is not None and not isinstance(key, str):
        try:
            inspect.signature(key).bind(**dict.fromkeys(payload.parameters))
        except TypeError as error:
            raise SignalDeclarationError(
                f"{where}: its key is called with its parameters by keyword, and {name_of(key)} does not take them: "
                f"{error}. Let it end with **kwargs."
            ) from error
        except ValueError:
            return  # written in C, without a signature: nothing is known against it


def _payload_of(declaration: Callable[..., None]) -> inspect.Signature:
    if not inspect.isfunction(declaration):
        raise SignalDeclarationError(
            f"@signal stands on a function whose parameters are the payload, not {declaration!r}."
        )
    where = f"@signal {declaration.__qualname__} ({place_of(declaration)})"
    if inspect.iscoroutinefunction(declaration):
        raise SignalDeclarationError(f"{where}: its body is never run, so it is a plain function, not async.")
    signature = inspect.signature(declaration)
    for name, parameter in signature.parameters.items():
        if name in _RESERVED:
            raise SignalDeclarationError(f"{where}: {name!r} is what every receiver gets anyway; leave it out.")
        if parameter.kind is not parameter.KEYWORD_ONLY:
            raise SignalDeclarationError(
                f"{where}: {parameter} is not keyword-only; "
                f"begin the parameters with '*': def {declaration.__name__}(*, {name}, ...)."
            )
    return signature
