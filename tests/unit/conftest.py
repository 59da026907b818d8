"""What the unit tests share."""

import django.dispatch
import pytest

import heliograph


@pytest.fixture(params=[heliograph.Signal, django.dispatch.Signal], ids=["heliograph", "django"])
def either_signal(request):
    """A signal of Heliograph's and one of Django's in turn: for what has to be the same."""
    return request.param()


@pytest.fixture(params=["send", "send_robust"])
def sending(request):
    """The name of each synchronous way to send."""
    return request.param
