"""Mocks as receivers, as tests connect them."""

from unittest.mock import AsyncMock, MagicMock, Mock, create_autospec

import pytest
from django.test import override_settings

from heliograph import Signal, receiver


def handler(sender, **named): ...


CONNECTS = {
    "connect": lambda signal, hear, **how: signal.connect(hear, **how),
    "receiver": lambda signal, hear, **how: receiver(signal, **how)(hear),
}


@pytest.fixture(params=[False, True], ids=["", "DEBUG"], autouse=True)
def debug(request):
    """With DEBUG off and on."""
    with override_settings(DEBUG=request.param):
        yield


@pytest.mark.parametrize("connect", CONNECTS.values(), ids=CONNECTS)
@pytest.mark.parametrize("make", [Mock, MagicMock, lambda: create_autospec(handler)], ids=["Mock", "MagicMock", "auto"])
def test_a_mock_is_called_with_what_is_sent(connect, make, either_signal, sending):
    mock = make()
    connect(either_signal, mock)
    getattr(either_signal, sending)("here", order=7)
    mock.assert_called_once_with(signal=either_signal, sender="here", order=7)
    assert either_signal.disconnect(mock) is True


@pytest.mark.parametrize("connect", CONNECTS.values(), ids=CONNECTS)
@pytest.mark.parametrize("make", [AsyncMock, lambda: AsyncMock(spec=handler)], ids=["AsyncMock", "AsyncMock(spec)"])
def test_an_asynchronous_mock_is_awaited(connect, make, either_signal, sending):
    mock = make()
    connect(either_signal, mock)
    getattr(either_signal, sending)("here", order=7)
    mock.assert_awaited_once_with(signal=either_signal, sender="here", order=7)


@pytest.mark.parametrize("connect", CONNECTS.values(), ids=CONNECTS)
def test_a_mock_that_raises_is_logged_in_a_robust_send(connect, caplog):
    opened = Signal()
    mock = Mock(side_effect=LookupError("mine"))
    connect(opened, mock)
    ((_, error),) = opened.send_robust(None)
    assert str(error) == "mine"
    assert "unittest.mock.Mock" in caplog.text


@pytest.mark.parametrize("connect", CONNECTS.values(), ids=CONNECTS)
def test_a_mock_under_a_used_dispatch_uid_is_refused_without_a_warning_because_it_has_no_place(connect):
    opened = Signal()
    mocks = Mock(), Mock()
    for mock in mocks:
        connect(opened, mock, dispatch_uid="uid")
    assert [called for called, _ in opened.send(None)] == [mocks[0]]
