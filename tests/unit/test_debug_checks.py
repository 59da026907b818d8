"""Under DEBUG a receiver is looked at when it is connected."""

import pytest
from django.test import override_settings

from heliograph import Signal, receiver


def without_keywords(sender): ...


@override_settings(DEBUG=True)
def test_a_receiver_has_to_be_callable(either_signal):
    with pytest.raises(TypeError, match="Signal receivers must be callable"):
        either_signal.connect(object())


@override_settings(DEBUG=True)
@pytest.mark.parametrize("connect", [lambda signal: signal.connect, receiver])
def test_a_receiver_has_to_take_keyword_arguments(either_signal, connect):
    with pytest.raises(ValueError, match=r"must accept keyword arguments \(\*\*kwargs\)"):
        connect(either_signal)(without_keywords)
    assert either_signal.send(None) == []


@override_settings(DEBUG=True)
def test_under_a_dispatch_uid_too(either_signal):
    with pytest.raises(ValueError, match="keyword arguments"):
        either_signal.connect(without_keywords, dispatch_uid="uid", weak=False)


@override_settings(DEBUG=True)
@pytest.mark.parametrize("hear", [lambda **named: 1, type("Clerk", (), {"__call__": lambda self, **named: 1})()])
def test_what_takes_them_is_connected(either_signal, hear):
    either_signal.connect(hear, weak=False)
    assert len(either_signal.send(None)) == 1


def test_debug_is_asked_at_each_connect():
    opened = Signal()
    with override_settings(DEBUG=True), pytest.raises(ValueError, match="keyword arguments"):
        opened.connect(without_keywords)
    with override_settings(DEBUG=False):
        opened.connect(without_keywords)
    assert len(opened.receivers) == 1
