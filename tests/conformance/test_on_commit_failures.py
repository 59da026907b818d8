"""What goes wrong around `on_commit=True`: receivers that raise, commits that fail, transactions that are not there."""

import logging

import pytest
from conformance.databases import COMMITTING
from conformance.visits import break_a_constraint, visits
from django.db import DatabaseError, IntegrityError, transaction
from django.db.models.signals import post_save, pre_save
from gallery.models import Bronze, Painting, Visit

from heliograph import Signal, receiver
from heliograph.errors import TransactionError

pytestmark = COMMITTING


@pytest.fixture
def ran():
    return []


@pytest.fixture
def failing(ran):
    """A signal with a receiver that raises after the commit, and one behind it."""
    signal = Signal(name="gallery.failing")

    @receiver(signal, on_commit=True, weak=False)
    def broken(**kwargs):
        raise ValueError("no frame fits")

    @receiver(signal, on_commit=True, weak=False)
    def good(**kwargs):
        ran.append("good")

    return signal


def test_one_that_raises_keeps_neither_the_others_nor_the_sender_from_going_on(alias, failing, ran):
    with transaction.atomic(using=alias):
        failing.send(None, using=alias)
        transaction.on_commit(lambda: ran.append("hook"), using=alias)
    assert ran == ["good", "hook"]


def test_one_that_raises_in_autocommit_does_not_reach_the_sender_either(alias, failing, ran):
    assert [response for _, response in failing.send(None, using=alias)] == [None, None]
    assert ran == ["good"]


def test_what_it_raised_is_logged_with_the_receiver_its_place_the_signal_and_the_alias(alias, failing, caplog):
    with transaction.atomic(using=alias):
        failing.send(None, using=alias)
    (record,) = [record for record in caplog.records if record.name == "heliograph.on_commit"]
    assert record.levelno == logging.ERROR
    assert isinstance(record.exc_info[1], ValueError)
    message = record.getMessage()
    assert "failing.<locals>.broken" in message
    assert f"{__file__}:" in message
    assert "gallery.failing" in message
    assert repr(alias) in message
    assert "no frame fits" in message


def test_a_database_error_after_the_commit_spoils_nothing(alias, ran):
    opened = Signal()

    @receiver(opened, on_commit=True)
    def broken(**kwargs):
        break_a_constraint(alias)

    @receiver(opened, on_commit=True)
    def good(**kwargs):
        Visit.objects.using(alias).create(note="good")

    with transaction.atomic(using=alias):
        opened.send(None, using=alias)
    assert visits(alias) == ["good"]


def test_an_interruption_is_not_held_back(alias):
    opened = Signal()

    @receiver(opened, on_commit=True)
    def interrupted(**kwargs):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt), transaction.atomic(using=alias):
        opened.send(None, using=alias)


def test_it_does_not_run_when_the_commit_itself_fails(alias, failing, ran):
    @transaction.atomic(using=alias)
    def act():
        Visit.objects.using(alias).create(note="of no painting", painting_id=4711)  # found out at the commit
        failing.send(None, using=alias)

    with pytest.raises(IntegrityError):
        act()
    assert ran == []
    assert visits(alias) == []


def test_it_does_not_run_when_the_transaction_is_marked_for_rollback(alias, failing, ran):
    with transaction.atomic(using=alias):
        failing.send(None, using=alias)
        transaction.set_rollback(True, using=alias)
    assert ran == []


def test_with_autocommit_off_and_no_block_it_is_refused_with_the_remedy(alias, failing):
    transaction.set_autocommit(False, using=alias)
    try:
        with pytest.raises(TransactionError, match=r"broken .*autocommit.*inside transaction\.atomic\(\)") as raised:
            failing.send(None, using=alias)
    finally:
        transaction.rollback(using=alias)
        transaction.set_autocommit(True, using=alias)
    assert repr(alias) in str(raised.value)
    assert "gallery.failing" in str(raised.value)


def test_with_autocommit_off_a_block_makes_django_notice_the_commit(alias, failing, ran):
    transaction.set_autocommit(False, using=alias)
    try:
        with transaction.atomic(using=alias):
            failing.send(None, using=alias)
        transaction.commit(using=alias)
    finally:
        transaction.set_autocommit(True, using=alias)
    assert ran == ["good"]


def test_on_pre_save_in_autocommit_it_is_refused_naming_post_save_and_nothing_is_saved(alias):
    @receiver(pre_save, sender=Painting, on_commit=True)
    def after(**kwargs): ...

    with pytest.raises(TransactionError, match="post_save"):
        Painting.objects.using(alias).create(title="Nocturne")
    assert Painting.objects.using(alias).count() == 0


def test_on_pre_save_of_a_child_with_parents_in_autocommit_it_is_refused_too(alias):
    @receiver(pre_save, sender=Bronze, on_commit=True)
    def after(**kwargs): ...

    with pytest.raises(TransactionError, match="post_save"):
        Bronze.objects.using(alias).create(title="Rider")
    assert Bronze.objects.using(alias).count() == 0


def test_on_pre_save_within_a_block_it_runs_after_the_commit(alias, ran):
    @receiver(pre_save, sender=Painting, on_commit=True)
    def after(instance, **kwargs):
        ran.append(Painting.objects.using(alias).get(pk=instance.pk).title)

    with transaction.atomic(using=alias):
        Painting.objects.using(alias).create(title="Nocturne")
        assert ran == []
    assert ran == ["Nocturne"]


def test_on_post_save_of_a_row_that_is_refused_it_does_not_run(alias, ran):
    @receiver(post_save, sender=Painting, on_commit=True)
    def after(**kwargs):
        ran.append(kwargs["instance"].title)

    with pytest.raises(DatabaseError):
        break_a_constraint(alias)
    assert ran == ["Twice"]
