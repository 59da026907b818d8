"""What `heliograph.testing` refuses, each time with what to do."""

import pytest
from conformance.databases import COMMITTING
from conformance.deliveries import foreign_worker, partitions, receiving, send, sent
from conformance.owed import BOTH_WAYS, writing
from django.db import connections, transaction

from heliograph import receiver
from heliograph.delivery.operate.databases import _TABLE
from heliograph.errors import NoEventLogError, ReceiverDeclarationError, TransactionError
from heliograph.models import Event
from heliograph.testing import assert_idempotent, deliver
from heliograph.testing.positions import sequence_inside

INSIDE = pytest.mark.django_db(databases="__all__")


def in_process(**_):
    """A receiver that is not durable."""


@BOTH_WAYS
def test_a_transaction_whose_end_is_still_to_come(alias, way):
    with receiving(writing(alias)) as clerk, transaction.atomic(using=alias):
        sent.send(None, note="a", key=None, using=alias)
        with pytest.raises(TransactionError, match="Call it behind the block"):
            deliver(using=alias)
        with pytest.raises(TransactionError, match="Call it behind the block"), assert_idempotent(clerk, using=alias):
            pass


@BOTH_WAYS
def test_a_receiver_that_is_not_durable(alias, way):
    receiver(sent)(in_process)
    try:
        with pytest.raises(ReceiverDeclarationError, match=r"in_process \(.*no durable receiver.*durable=True"):
            deliver(in_process, using=alias)
        with pytest.raises(ReceiverDeclarationError, match=r"'shop\.nobody' is no durable receiver"):
            deliver("shop.nobody", using=alias)
    finally:
        sent.disconnect(in_process)


@INSIDE
def test_a_database_without_tables(alias, monkeypatch):
    introspection = connections[alias].introspection
    there = [name for name in introspection.table_names() if name != _TABLE]
    monkeypatch.setattr(introspection, "table_names", lambda *_: there)
    with pytest.raises(NoEventLogError, match=f"manage.py migrate --database={alias}"):
        deliver(using=alias)


@INSIDE
def test_a_database_that_is_not_there():
    with pytest.raises(NoEventLogError, match="nowhere"):
        deliver(using="nowhere")


@COMMITTING
def test_another_worker_is_at_it(alias):
    with receiving(writing(alias)) as clerk:
        send(alias, "a")
        partitions(alias).update(worker_id=foreign_worker(alias).pk)
        with pytest.raises(TransactionError, match="is run by another worker"):
            deliver(using=alias)
        assert clerk.calls == []


@COMMITTING
def test_positions_of_a_transaction_that_may_be_committed_are_the_sequencers_alone(alias):
    with transaction.atomic(using=alias), pytest.raises(TransactionError, match="may be committed"):
        sequence_inside(connections[alias])


@COMMITTING
@pytest.mark.parametrize("alias", ["postgres"], indirect=True, ids=["postgresql"])
def test_should_such_positions_be_committed_after_all_no_event_is_lost(alias):
    """The next step of the sequencer takes them for those of another cluster."""
    with receiving(writing(alias)) as clerk:
        send(alias, "a")
        deliver(using=alias)
        with transaction.atomic(using=alias):
            sent.send(None, note="b", key=None, using=alias)
            connections[alias].atomic_blocks[-1]._from_testcase = True
            sequence_inside(connections[alias])
        send(alias, "c")
        deliver(using=alias)
        assert clerk.notes == ["a", "b", "c"]
    assert Event.objects.using(alias).count() == 3
