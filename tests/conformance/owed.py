"""What the tests of `heliograph.testing` share: the two ways of a test, and receivers that write."""

import pytest
from conformance.databases import COMMITTING
from gallery.models import Visit

#: In a test that is rolled back.
INSIDE = pytest.mark.django_db(databases="__all__")

#: In such a test, and in one that commits.
BOTH_WAYS = pytest.mark.parametrize(
    "way",
    [
        pytest.param("inside", marks=INSIDE),
        pytest.param("committing", marks=COMMITTING),
    ],
)


def writing(alias):
    """Return what a receiver does that writes each note."""
    return lambda note, **_: Visit.objects.using(alias).create(note=note)


def failing(alias, *notes, times=1, error=ValueError):
    """Return what a receiver does that writes each note, and then raises at some of them a number of times."""
    left = dict.fromkeys(notes, times)

    def does(note, **_):
        Visit.objects.using(alias).create(note=note)
        if left.get(note):
            left[note] -= 1
            raise error(note)

    return does


def visits(alias):
    """The notes that were written and are there."""
    return list(Visit.objects.using(alias).order_by("pk").values_list("note", flat=True))


def states(found):
    """The states of what was delivered."""
    return [each.state for each in found]
