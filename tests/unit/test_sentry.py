"""sentry-sdk's Django integration makes a span of each receiver, whether it comes before Heliograph or after it."""

import json
import os
import subprocess
import sys

import pytest

SETTINGS = """
import django
from django.conf import settings

settings.configure(INSTALLED_APPS=[], DATABASES={})
"""
SENTRY = """
import sentry_sdk
from sentry_sdk.integrations.django import DjangoIntegration
from sentry_sdk.transport import Transport

class Recording(Transport):
    envelopes = []

    def capture_envelope(self, envelope):
        self.envelopes.append(envelope)

sentry_sdk.init(
    dsn="http://key@localhost/1",
    transport=Recording,
    traces_sample_rate=1.0,
    default_integrations=False,
    auto_enabling_integrations=False,
    integrations=[DjangoIntegration(signals_spans=True)],
)
"""
HELIOGRAPH = """
from heliograph import Signal, muted, receiver
import django.dispatch
"""
SHOP = """
import asyncio, functools, json

opened = Signal()

def plain(**named):
    return "plain"

@receiver(opened, sender="here")
def decorated(**named):
    return "decorated"

@receiver(opened)
async def asynchronous(**named):
    return "asynchronous"

opened.connect(plain)
opened.connect(functools.partial(plain, kind=1), weak=False, dispatch_uid="partial")

def spans(way, sender="here"):
    del Recording.envelopes[:]
    with sentry_sdk.start_transaction(name="test"):
        answer = getattr(opened, way)(sender)
        answer = asyncio.run(answer) if asyncio.iscoroutine(answer) else answer
    sentry_sdk.flush()
    (transaction,) = [e.get_transaction_event() for e in Recording.envelopes if e.get_transaction_event()]
    found = [span["description"] for span in transaction["spans"] if span["op"] == "event.django"]
    return sorted(response for _, response in answer), sorted(found)

result = {way: spans(way) for way in ("send", "send_robust", "asend", "asend_robust")}
result["elsewhere"] = spans("send", "elsewhere")
with muted(plain):
    result["muted"] = spans("send")
with muted(opened):
    result["silent"] = spans("send")
print(json.dumps(result))
"""


@pytest.fixture(scope="module", params=["heliograph first", "sentry first"])
def result(request):
    """What each way to send answers, and the spans it makes, in a process of its own."""
    both = HELIOGRAPH + SENTRY if request.param == "heliograph first" else SENTRY + HELIOGRAPH
    done = subprocess.run(
        [sys.executable, "-c", SETTINGS + both + SHOP],
        env={name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


ANSWERS = ["asynchronous", "decorated", "plain", "plain"]
SPANS = ["__main__.decorated", "__main__.plain", "functools.partial(<function plain>)"]


@pytest.mark.parametrize("way", ["send", "send_robust", "asend", "asend_robust"])
def test_each_synchronous_receiver_has_a_span(result, way):
    answers, spans = result[way]
    assert answers == ANSWERS
    assert spans == SPANS


def test_only_those_who_hear_the_sender_have_one(result):
    assert result["elsewhere"][1] == SPANS[1:]


def test_who_is_muted_has_none(result):
    assert result["muted"] == [["asynchronous", "decorated", "plain"], [SPANS[0], SPANS[2]]]
    assert result["silent"] == [[], []]
