"""`send_robust` within transactions on several databases: a failing receiver takes back its writes on each."""

import pytest
from conformance.databases import COMMITTING
from conformance.visits import break_a_constraint, visit, visits
from django.db import transaction

from heliograph import Signal, receiver

pytestmark = COMMITTING


@pytest.fixture
def opened(lasting_alias):
    """A signal whose failing receiver writes to two databases and breaks the second one."""
    signal = Signal()

    @receiver(signal, weak=False)
    def broken(**kwargs):
        visit("default", "broken")
        visit(lasting_alias, "broken")
        break_a_constraint(lasting_alias)

    @receiver(signal, weak=False)
    def good(**kwargs):
        visit("default", "good")
        visit(lasting_alias, "good")

    return signal


def test_a_failing_receiver_takes_back_its_writes_on_every_database_in_a_transaction(lasting_alias, opened):
    with transaction.atomic(), transaction.atomic(using=lasting_alias):
        opened.send_robust(None)
    assert visits("default") == visits(lasting_alias) == ["good"]


def test_what_it_wrote_to_a_database_in_autocommit_stays(lasting_alias, opened):
    with transaction.atomic(using=lasting_alias):
        opened.send_robust(None)
    assert visits("default") == ["broken", "good"]
    assert visits(lasting_alias) == ["good"]


def test_a_database_whose_transaction_is_opened_later_is_guarded_at_the_next_sending(lasting_alias, opened):
    with transaction.atomic():
        opened.send_robust(None)
        assert visits(lasting_alias) == ["broken", "good"]
        with transaction.atomic(using=lasting_alias):
            opened.send_robust(None)
    assert visits("default") == ["good", "good"]
    assert visits(lasting_alias) == ["broken", "good", "good"]
