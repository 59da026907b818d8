"""`on_commit=True` in a request that is one transaction (`ATOMIC_REQUESTS`)."""

import pytest
from conformance.databases import COMMITTING
from django.core.exceptions import SuspiciousOperation
from django.db import connections
from django.http import HttpResponse
from django.test import Client, override_settings
from django.urls import path
from gallery.models import Visit

from heliograph import Signal, receiver

pytestmark = COMMITTING

visited, ran = Signal(), []


@receiver(visited, on_commit=True)
def after(visit, **kwargs):
    connection = connections[visit._state.db]
    ran.append((visit.note, connection.in_atomic_block))


def enter(request, alias, broken=False):
    visited.send(None, visit=Visit.objects.using(alias).create(note="in a request"))
    assert ran == []
    if broken:
        raise SuspiciousOperation
    return HttpResponse()


urlpatterns = [
    path("enter/<alias>/", enter),
    path("fail/<alias>/", enter, {"broken": True}),
]


@pytest.fixture
def get(alias, monkeypatch):
    ran.clear()
    monkeypatch.setitem(connections[alias].settings_dict, "ATOMIC_REQUESTS", True)
    with override_settings(ROOT_URLCONF=__name__, ALLOWED_HOSTS=["testserver"]):
        yield lambda page: Client().get(f"/{page}/{alias}/").status_code


def test_it_runs_when_the_request_has_been_committed(get):
    assert get("enter") == 200
    assert ran == [("in a request", False)]


def test_it_is_dropped_with_a_request_that_fails(get, alias):
    assert get("fail") == 400
    assert ran == []
    assert not Visit.objects.using(alias).exists()
