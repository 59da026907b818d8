"""Workers are notified of the first event of a stream, and none of the others waits for the next poll."""

import random
import time

import pytest
from conformance.databases import COMMITTING
from conformance.deliveries import eventually, receiving, send, working
from django.conf import settings as project
from servers import POSTGRES_REMEDY, missing

from heliograph.delivery.recording import wake

pytestmark = COMMITTING

#: Longer than a test waits for anything.
NEVER_SECONDS = 3600


@pytest.fixture
def elsewhere(settings, monkeypatch):
    """A database with senders in other processes, as far as their worker can tell: all it has is their NOTIFY."""
    if "postgres" not in project.DATABASES:
        missing("No PostgreSQL server answers", POSTGRES_REMEDY)
    monkeypatch.setattr(wake, "_set", lambda alias: None)
    settings.HELIOGRAPH = {"POLL_SECONDS": NEVER_SECONDS}
    return "postgres"


@pytest.mark.parametrize("longest_pause", [0.004, 0.018, 0.040])
def test_no_event_of_a_stream_waits_for_the_poll(elsewhere, longest_pause):
    pauses = random.Random(longest_pause)
    with receiving() as clerk, working(elsewhere):
        send(elsewhere, "first")
        eventually(lambda: clerk.notes == ["first"])
        for number in range(60):
            time.sleep(pauses.uniform(0, longest_pause))
            send(elsewhere, str(number))
        eventually(lambda: len(clerk.calls) == 61)
