"""What pruning takes along, and how far it looks."""

import pytest
from conformance.databases import COMMITTING
from conformance.desk import Desk
from django.conf import settings
from django.db import connections
from django.test.utils import CaptureQueriesContext
from servers import POSTGRES_REMEDY, missing

from heliograph.delivery.operate.pruning import prune

pytestmark = COMMITTING


@pytest.fixture
def desk():
    if "postgres" not in settings.DATABASES:
        missing("No PostgreSQL server answers", POSTGRES_REMEDY)
    return Desk("postgres")


def test_it_looks_no_further_than_the_first_portion_that_has_not_had_its_time(lasting_alias, monkeypatch):
    monkeypatch.setattr("heliograph.delivery.operate.pruning.BATCH", 2)
    desk = Desk(lasting_alias)
    counts = []
    for young in (3, 13):
        desk.age(*desk.send("a", signal=f"shop.after_{young}"))
        desk.send(*["b"] * young, signal=f"shop.after_{young}")
        with CaptureQueriesContext(connections[lasting_alias]) as queries:
            assert prune(lasting_alias).events == 1
        counts.append(len(queries))
    assert counts[0] == counts[1]


# From here on on PostgreSQL, where the order of the events is a table of its own.


def positions():
    with connections["postgres"].cursor() as cursor:
        cursor.execute("select position from heliograph_position order by position")
        return [position for (position,) in cursor.fetchall()]


def test_the_place_of_an_event_goes_with_it(desk):
    old, young = desk.send("a", "b")
    desk.age(old)
    assert prune("postgres").events == 1
    assert positions() == [young]


def test_the_place_of_an_event_that_is_lost_goes_too_and_is_in_no_others_way(desk):
    lost, old, young = desk.send("a", "b", "c")
    desk.age(old)
    with connections["postgres"].cursor() as cursor:
        cursor.execute("delete from heliograph_event where id = any(%s)", [list(desk.numbers(lost))])
    assert prune("postgres").events == 1
    assert positions() == [young]
