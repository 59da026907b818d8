"""`on_commit=True` on signals that are not Heliograph's: Django's model signals, `m2m_changed`, third-party ones."""

import django.dispatch
import pytest
from asgiref.sync import async_to_sync
from conformance.databases import COMMITTING, COMMITTING_USERS
from conformance.visits import rolled_back
from django.contrib.auth.models import Group, User
from django.contrib.auth.signals import user_logged_in
from django.db import transaction
from django.db.models.signals import m2m_changed, post_delete, post_save, pre_delete
from gallery.models import Painting, Visit

from heliograph import Signal, receiver

pytestmark = COMMITTING


@pytest.fixture
def ran():
    return []


@pytest.mark.parametrize("make", [Signal, django.dispatch.Signal], ids=["own", "foreign"])
@pytest.mark.parametrize("way", ["send", "send_robust", "asend", "asend_robust"])
def test_every_way_of_sending_any_signal_defers_it(alias, make, way, ran):
    opened = make()

    @receiver(opened, on_commit=True)
    def after(**kwargs):
        ran.append("synchronous")

    @receiver(opened, on_commit=True)
    async def after_too(**kwargs):
        ran.append("asynchronous")

    send = getattr(opened, way)
    send = async_to_sync(send) if way.startswith("a") else send
    with transaction.atomic(using=alias):
        responses = send(None, using=alias)
        assert ran == []
    assert ran == ["synchronous", "asynchronous"]
    assert [(function, response) for function, response in responses] == [(after, None), (after_too, None)]


@pytest.mark.parametrize("make", [Signal, django.dispatch.Signal], ids=["own", "foreign"])
def test_an_asynchronous_one_runs_at_once_in_autocommit(alias, make, ran):
    opened = make()

    @receiver(opened, on_commit=True)
    async def after(**kwargs):
        await Visit.objects.using(alias).acreate(note="written")
        ran.append(await Visit.objects.using(alias).acount())

    opened.send(None, using=alias)
    assert ran == [1]
    async_to_sync(opened.asend)(None, using=alias)
    assert ran == [1, 2]


def test_an_asynchronous_one_that_raises_is_logged_and_the_next_runs(alias, ran, caplog):
    opened = Signal()

    @receiver(opened, on_commit=True)
    async def broken(**kwargs):
        raise ValueError

    @receiver(opened, on_commit=True)
    async def good(**kwargs):
        ran.append("good")

    with transaction.atomic(using=alias):
        opened.send(None, using=alias)
    assert ran == ["good"]
    assert "broken" in caplog.text


def test_post_save_and_deletion_run_it_after_their_commit(alias, ran):
    @receiver([post_save, pre_delete, post_delete], sender=Painting, on_commit=True)
    def after(signal, instance, **kwargs):
        ran.append((signal, transaction.get_connection(alias).in_atomic_block))

    with transaction.atomic(using=alias):
        painting = Painting.objects.using(alias).create(title="Nocturne")
        painting.delete(using=alias)
        assert ran == []
    assert ran == [(post_save, False), (pre_delete, False), (post_delete, False)]


def test_a_deletion_in_autocommit_runs_it_after_its_own_transaction(alias, ran):
    @receiver([pre_delete, post_delete], sender=Painting, on_commit=True)
    def after(**kwargs):
        ran.append(Painting.objects.using(alias).count())

    Painting.objects.using(alias).create(title="Nocturne").delete(using=alias)
    assert ran == [0, 0]


@COMMITTING_USERS
def test_m2m_changed_runs_it_after_the_commit_of_the_relations_database(alias, ran):
    @receiver(m2m_changed, sender=User.groups.through, on_commit=True)
    def after(action, instance, **kwargs):
        ran.append((action, instance.groups.count()))

    user = User.objects.using(alias).create(username="ada")
    group = Group.objects.using(alias).create(name="painters")
    with transaction.atomic(using=alias):
        user.groups.add(group)
        assert ran == []
    assert ran == [("pre_add", 1), ("post_add", 1)]
    ran.clear()
    with rolled_back(alias):
        user.groups.clear()
    assert ran == []


@COMMITTING_USERS
def test_a_signal_of_another_app_runs_it_after_the_commit(alias, ran):
    @receiver(user_logged_in, on_commit=True)
    def after(user, **kwargs):
        ran.append(user.username)

    with transaction.atomic(using=alias):
        user = User.objects.using(alias).create(username="ada")
        user_logged_in.send(User, request=None, user=user)
        assert ran == []
    assert ran == ["ada"]


def test_one_receiver_of_own_and_foreign_signals_runs_after_the_commit_of_each(alias, ran):
    own, foreign = Signal(), django.dispatch.Signal()

    @receiver([own, foreign, post_save], on_commit=True)
    def after(signal, **kwargs):
        ran.append(signal)

    with transaction.atomic(using=alias):
        Visit.objects.using(alias).create(note="saved")
        foreign.send(None, using=alias)
        own.send(None, using=alias)
        assert ran == []
    assert ran == [post_save, foreign, own]
    for signal in (own, foreign, post_save):
        assert signal.disconnect(after)
