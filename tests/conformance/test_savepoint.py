"""`send_robust` inside a transaction: a receiver's database error takes back its own writes only."""

from conformance.databases import COMMITTING
from django.db import IntegrityError, connections, transaction
from gallery.models import Painting, Visit

from heliograph import Signal, receiver

pytestmark = COMMITTING


def test_a_receiver_that_breaks_a_constraint_takes_back_only_its_own_writes(alias):
    opened = Signal()

    @receiver(opened)
    def first(**kwargs):
        Visit.objects.using(alias).create(note="first")

    @receiver(opened)
    def broken(painting, **kwargs):
        Visit.objects.using(alias).create(note="broken")
        Painting.objects.using(alias).create(title=painting.title)

    @receiver(opened)
    def last(**kwargs):
        Visit.objects.using(alias).create(note="last")

    with transaction.atomic(using=alias):
        painting = Painting.objects.using(alias).create(title="Nocturne")
        responses = dict(opened.send_robust(None, painting=painting))
    assert isinstance(responses[broken], IntegrityError)
    assert Painting.objects.using(alias).count() == 1
    assert list(Visit.objects.using(alias).order_by("pk").values_list("note", flat=True)) == ["first", "last"]
    assert not connections[alias].in_atomic_block
