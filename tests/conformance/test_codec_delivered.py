"""What is sent comes out of each database's log, in a worker, as it was."""

import enum
import math
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from uuid import UUID

import pytest
from conformance.databases import COMMITTING
from conformance.deliveries import receiving, sent, work
from django.db import transaction
from gallery.models import Painting, Visit

pytestmark = COMMITTING


class Colour(enum.Enum):
    RED = "r"


class Rights(enum.Flag):
    READ = 1
    WRITE = 2


class Desk:
    """A sender that is no model."""


def delivered(alias, sender=None, **named):
    """Send something and return what a worker calls the receiver with."""
    with receiving() as clerk:
        with transaction.atomic(using=alias):
            sent.send(sender, using=alias, key=None, **named)
        work(alias)
    (call,) = clerk.calls
    return call


VALUES = {
    "times": [datetime(2026, 3, 1, 12, tzinfo=UTC), datetime(1, 1, 1), date(9999, 12, 31), time(23, 59, 59, 999999)],
    "zones": [datetime(2026, 3, 1, tzinfo=timezone(timedelta(hours=-5, minutes=-30))), timedelta(-1, 2, 3)],
    "numbers": [2**63, -(2**63), 10**100, 0.1, 5e-324, 1.7976931348623157e308, math.inf, True],
    "decimals": [Decimal("1.20"), Decimal("-0"), Decimal("1E+400"), Decimal("Infinity")],
    "texts": ["", "\0", "é\U0001f600", "\ud83d", '\\u0000"\\', "\u2028"],
    "bytes": [b"\0\xff", bytearray(b"a")],
    "sets": [{1, "a", Colour.RED}, frozenset({(1, 2)})],
    "members": [Colour.RED, Rights.READ | Rights.WRITE],
    "keys": {"$model": 1, 2: {None: UUID(int=7)}, "": (), Decimal(1): [{}]},
    "model": Painting,
}


@pytest.mark.parametrize("name", VALUES)
def test_values_of_every_kind(lasting_alias, name):
    value = delivered(lasting_alias, value=VALUES[name])["value"]
    assert repr(value) == repr(VALUES[name]) or (name == "sets" and value == VALUES[name])


def test_a_zero_keeps_its_sign_and_nothing_equals_nan(lasting_alias):
    zero, nan = delivered(lasting_alias, value=[-0.0, math.nan])["value"]
    assert math.copysign(1, zero) == -1
    assert math.isnan(nan)


@pytest.mark.parametrize(
    ("sender", "received"),
    [(None, None), ("desk", "desk"), (Desk, Desk), (Desk(), Desk), (Painting, Painting), (Painting(), Painting)],
    ids=["none", "text", "class", "instance", "model", "row"],
)
def test_senders_of_every_kind(lasting_alias, sender, received):
    assert delivered(lasting_alias, sender)["sender"] == received


@pytest.mark.parametrize("lasting_alias", ["postgres"], indirect=True)
def test_an_instance_of_another_database(lasting_alias):
    elsewhere = Visit.objects.using("archive").create(note="elsewhere")
    Visit.objects.using(lasting_alias).create(pk=elsewhere.pk, note="here")
    read = delivered(lasting_alias, visit=elsewhere)["visit"]
    assert (read.note, read._state.db) == ("elsewhere", "archive")
