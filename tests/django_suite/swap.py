"""Puts Heliograph's `Signal` and `receiver` in the place of Django's, and proves that nobody still has Django's."""

import sys
from types import ModuleType

import django.dispatch
import django.dispatch.dispatcher

PLAIN_VARIABLE = "HELIOGRAPH_SUITE_PLAIN"  # set: no swap, Django's tests on Django's signals
DJANGO_SIGNAL = django.dispatch.dispatcher.Signal
DJANGO_RECEIVER = django.dispatch.dispatcher.receiver


class SwapError(Exception):
    """Django's own tests are not running on Heliograph's signals."""


def install() -> None:
    """Put `heliograph.Signal` and `heliograph.receiver` where Django and its tests import these names from.

    Raises:
        SwapError: a module of Django has made its signals already, or `heliograph.Signal` is Django's own class.
    """
    import heliograph

    if heliograph.Signal is DJANGO_SIGNAL or heliograph.receiver is DJANGO_RECEIVER:
        raise SwapError("heliograph.Signal or heliograph.receiver is Django's own: there is nothing to swap in.")
    if "django.db.models.signals" in sys.modules:
        raise SwapError("django.db.models.signals was imported before the swap: ModelSignal would stay Django's.")
    for module in (django.dispatch, django.dispatch.dispatcher):
        module.Signal = heliograph.Signal
        module.receiver = heliograph.receiver


def verify() -> None:
    """Check that every signal of Django and of its tests is one of Heliograph's.

    Raises:
        SwapError: `ModelSignal` is not a subclass of `heliograph.Signal`, or a loaded module holds a signal made by
            Django's class, or Django's `Signal` or `receiver`; the message names them.
    """
    from django.db.models.signals import ModelSignal, post_save

    import heliograph

    if not issubclass(ModelSignal, heliograph.Signal) or not isinstance(post_save, heliograph.Signal):
        raise SwapError(f"ModelSignal is not a subclass of heliograph.Signal: {ModelSignal.__mro__}")
    leftovers = [found for module in list(sys.modules.values()) for found in _of_django(module, heliograph.Signal)]
    if leftovers:
        raise SwapError(f"Still Django's own: {', '.join(sorted(leftovers))}")


def _of_django(module: ModuleType, ours: type) -> list[str]:
    name = getattr(module, "__name__", "")
    if name == __name__ or name.partition(".")[0] == "heliograph":  # they hold Django's names on purpose
        return []
    return [
        f"{name}.{attribute}"
        for attribute, value in list(getattr(module, "__dict__", {}).items())
        if value is DJANGO_SIGNAL
        or value is DJANGO_RECEIVER
        or (isinstance(value, DJANGO_SIGNAL) and not isinstance(value, ours))
    ]
