"""A receiver with `on_commit=True` stays the user's function: to disconnect, to collect, to show."""

import functools
import gc
import inspect

import django.dispatch
import pytest
from conformance.databases import COMMITTING
from django.db import transaction
from django.db.models.signals import ModelSignal
from gallery.models import Painting

from heliograph import Signal, receiver
from heliograph.errors import LostReceiverWarning

pytestmark = COMMITTING


@pytest.fixture(params=[Signal, django.dispatch.Signal, ModelSignal], ids=["own", "foreign", "model"])
def opened(request):
    return request.param()


@pytest.fixture
def ran():
    return []


def test_the_decorator_gives_back_the_function_itself(opened):
    def after(**kwargs): ...

    assert receiver(opened, on_commit=True)(after) is after


def test_responses_show_the_users_function_with_none(opened):
    @receiver(opened, on_commit=True)
    def after(**kwargs):
        return "what it returns comes too late to be seen"

    with transaction.atomic():
        assert opened.send(None) == [(after, None)]
        assert dict(opened.send_robust(None))[after] is None


def test_disconnecting_the_function_disconnects_it(opened, ran):
    @receiver(opened, on_commit=True)
    def after(**kwargs):
        ran.append(1)

    assert opened.has_listeners()
    assert opened.disconnect(after)
    assert not opened.disconnect(after)
    assert not opened.has_listeners()
    opened.send(None)
    assert ran == []


def test_disconnecting_takes_the_sender_or_the_dispatch_uid_that_it_was_connected_with(opened, ran):
    @receiver(opened, sender=Painting, on_commit=True)
    def of_paintings(**kwargs): ...

    @receiver(opened, dispatch_uid="named", on_commit=True)
    def named(**kwargs): ...

    assert not opened.disconnect(of_paintings)
    assert opened.disconnect(of_paintings, sender=Painting)
    assert not opened.disconnect(named)
    assert opened.disconnect(dispatch_uid="named")


def test_connecting_it_twice_calls_it_once(opened, ran):
    def after(**kwargs):
        ran.append(1)

    receiver(opened, on_commit=True)(after)
    receiver(opened, on_commit=True)(after)
    opened.send(None)
    assert ran == [1]


def test_a_collected_function_is_not_called(opened, ran):
    @receiver(opened, on_commit=True)
    def after(**kwargs):
        ran.append(1)

    del after
    gc.collect()
    if isinstance(opened, Signal):
        with pytest.warns(LostReceiverWarning):
            opened.send(None)
    opened.send(None)
    assert not opened.has_listeners()
    assert ran == []


def test_a_function_collected_between_the_sending_and_the_commit_is_still_called(opened, ran):
    @receiver(opened, on_commit=True)
    def after(**kwargs):
        ran.append(1)

    with transaction.atomic():
        opened.send(None)
        del after
        gc.collect()
    assert ran == [1]
    del opened


def test_a_function_connected_strongly_stays(opened, ran):
    @receiver(opened, on_commit=True, weak=False)
    def after(**kwargs):
        ran.append(1)

    del after
    gc.collect()
    opened.send(None)
    assert ran == [1]


def test_a_bound_method_lives_as_long_as_its_object(opened, ran):
    class Curator:
        def after(self, **kwargs):
            ran.append(self)

    curator = Curator()
    receiver(opened, on_commit=True)(curator.after)
    gc.collect()
    opened.send(None)
    assert ran == [curator]
    assert opened.disconnect(curator.after)
    receiver(opened, on_commit=True)(curator.after)
    ran.clear()
    del curator
    gc.collect()
    opened.send(None)
    assert ran == []


def test_a_class_method_and_a_static_method_are_heard(opened, ran):
    class Curator:
        @classmethod
        def of_class(cls, **kwargs):
            ran.append("class")

        @staticmethod
        @receiver(opened, on_commit=True)
        def of_nobody(**kwargs):
            ran.append("static")

    receiver(opened, on_commit=True)(Curator.of_class)
    opened.send(None)
    assert ran == ["static", "class"]
    assert opened.disconnect(Curator.of_class)
    assert opened.disconnect(Curator.of_nobody)


def test_a_callable_object_and_a_partial_are_heard(opened, ran):
    class Curator:
        def __call__(self, **kwargs):
            ran.append("object")

    curator, partial = Curator(), functools.partial(lambda word, **kwargs: ran.append(word), "partial")
    receiver(opened, on_commit=True)(curator)
    receiver(opened, on_commit=True)(partial)
    opened.send(None)
    assert ran == ["object", "partial"]


def test_what_another_dispatcher_holds_leads_to_the_function_by_wrapped():
    opened = django.dispatch.Signal()

    @receiver(opened, on_commit=True)
    def after(**kwargs):
        """What it does."""

    (((wrapper, _),),) = [opened.send(None)]
    assert wrapper.__wrapped__ is after
    assert inspect.unwrap(wrapper) is after
    assert wrapper == after
    assert hash(wrapper) == hash(after)
    assert (wrapper.__name__, wrapper.__module__, wrapper.__doc__) == ("after", __name__, "What it does.")
    assert wrapper.__qualname__ == after.__qualname__
