"""Asynchronous receivers behave as with Django 6.1 on every Django; five things differ from 5.2 and 6.0."""

import asyncio
import contextvars
import inspect
import threading
from functools import partial

import pytest
from asgiref.sync import markcoroutinefunction, sync_to_async
from django.dispatch import Signal as DjangoSignal

from heliograph import Signal, receiver

SENDINGS = ["send", "send_robust", "asend", "asend_robust"]


def ways(signal):
    """Return each way to send as a function that does it and waits for the responses."""
    return {
        "send": signal.send,
        "send_robust": signal.send_robust,
        "asend": lambda *args, **named: asyncio.run(signal.asend(*args, **named)),
        "asend_robust": lambda *args, **named: asyncio.run(signal.asend_robust(*args, **named)),
    }


@pytest.fixture(params=SENDINGS)
def send(request):
    """Send a signal in each of the four ways in turn."""
    return lambda signal, *args, **named: ways(signal)[request.param](*args, **named)


@pytest.fixture(params=["asend", "asend_robust"])
def asend(request):
    """Send a signal in each asynchronous way in turn, to be awaited."""
    return lambda signal, *args, **named: getattr(signal, request.param)(*args, **named)


# 1. Order of synchronous and asynchronous receivers


def test_synchronous_receivers_come_first_and_then_asynchronous_ones(send):
    calls = []

    async def early(**named):
        calls.append("asynchronous")

    def late(**named):
        calls.append("synchronous")
        return 1

    opened = Signal()
    opened.connect(early)
    opened.connect(late)
    assert send(opened, None) == [(late, 1), (early, None)]
    assert calls == ["synchronous", "asynchronous"]


def test_asynchronous_receivers_start_only_when_the_synchronous_ones_are_done(asend):
    finished = threading.Event()

    def slow(**named):
        asyncio.run(asyncio.sleep(0))
        finished.set()

    async def quick(**named):
        return finished.is_set()

    opened = Signal()
    opened.connect(quick)
    opened.connect(slow)
    assert dict(asyncio.run(asend(opened, None)))[quick] is True


def test_asynchronous_receivers_run_together(send):
    async def first(**named):
        await asyncio.wait_for(second_runs().wait(), 10)
        first_runs().set()

    async def second(**named):
        second_runs().set()
        await asyncio.wait_for(first_runs().wait(), 10)

    events = {}

    def first_runs():
        return events.setdefault("first", asyncio.Event())

    def second_runs():
        return events.setdefault("second", asyncio.Event())

    opened = Signal()
    opened.connect(first)
    opened.connect(second)
    assert send(opened, None) == [(first, None), (second, None)]


# 2. Who runs when one raises


def test_when_a_synchronous_receiver_raises_no_asynchronous_one_runs():
    called = []

    async def never(**named):
        called.append(1)

    def raising(**named):
        raise LookupError("mine")

    opened = Signal()
    opened.connect(never)
    opened.connect(raising)
    for way in ("send", "asend"):
        with pytest.raises(LookupError, match="mine"):
            ways(opened)[way](None)
    assert called == []


def test_when_an_asynchronous_receiver_raises_its_siblings_are_cancelled():
    ends = []

    async def waiting(**named):
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            ends.append("cancelled")
            raise

    async def raising(**named):
        await asyncio.sleep(0)
        raise LookupError("mine")

    opened = Signal()
    opened.connect(waiting)
    opened.connect(raising)
    for way in ("send", "asend"):
        with pytest.raises(LookupError, match="mine"):
            ways(opened)[way](None)
    assert ends == ["cancelled", "cancelled"]


@pytest.mark.parametrize("way", ["send_robust", "asend_robust"])
def test_in_a_robust_send_the_others_run_to_their_end(way, caplog):
    async def raising(**named):
        raise LookupError("mine")

    async def steady(**named):
        await asyncio.sleep(0)
        return "done"

    def raising_first(**named):
        raise LookupError("first")

    opened = Signal()
    for each in (raising, steady, raising_first):
        opened.connect(each)
    responses = dict(ways(opened)[way](None))
    assert [str(responses[each]) for each in (raising_first, raising, steady)] == ["first", "mine", "done"]
    assert [record.name for record in caplog.records] == ["django.dispatch", "django.dispatch"]


def test_cancelling_the_send_cancels_the_receivers(asend):
    ends = []

    async def main():
        started = asyncio.Event()

        async def waiting(**named):
            started.set()
            try:
                await asyncio.Event().wait()
            finally:
                ends.append("ended")

        opened = Signal()
        opened.connect(waiting)
        task = asyncio.create_task(asend(opened, None))
        await asyncio.wait_for(started.wait(), 10)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(main())
    assert ends == ["ended"]


# 3. Exception groups


def raising_receivers(*errors):
    """Return asynchronous receivers that raise all together."""

    def raising(error):
        async def hear(**named):
            raise error

        return hear

    return [raising(error) for error in errors]


@pytest.mark.parametrize("way", ["send", "asend"])
def test_one_exception_comes_as_it_is_and_several_as_a_group(way):
    opened = Signal()
    error, other = LookupError("one"), KeyError("other")
    (first,) = raising_receivers(error)
    opened.connect(first)
    with pytest.raises(LookupError) as raised:
        ways(opened)[way](None)
    assert raised.value is error
    (second,) = raising_receivers(other)
    opened.connect(second)
    with pytest.raises(ExceptionGroup) as group:
        ways(opened)[way](None)
    assert group.value.exceptions == (error, other)


def test_an_exception_keeps_the_cause_that_the_receiver_gave_it():
    async def raising(**named):
        try:
            raise KeyError("cause")
        except KeyError as cause:
            raise LookupError("mine") from cause

    opened = Signal()
    opened.connect(raising)
    for way in ("send", "asend"):
        with pytest.raises(LookupError) as raised:
            ways(opened)[way](None)
        assert isinstance(raised.value.__cause__, KeyError)


def test_a_group_that_one_receiver_raises_stays_that_group():
    error = ExceptionGroup("mine", [LookupError("inner")])
    (hear,) = raising_receivers(error)
    opened = Signal()
    opened.connect(hear)
    with pytest.raises(ExceptionGroup) as raised:
        asyncio.run(opened.asend(None))
    assert raised.value is error


# 4. Context variables

variable = contextvars.ContextVar("variable", default="unset")
other_variable = contextvars.ContextVar("other_variable", default="unset")


def test_receivers_see_the_callers_context_and_the_caller_sees_what_they_set(send):
    seen = []

    def first(**named):
        seen.append(variable.get())
        variable.set("synchronous")

    async def second(**named):
        seen.append(variable.get())
        variable.set("asynchronous")

    opened = Signal()
    opened.connect(second)
    opened.connect(first)

    def run():
        variable.set("caller")
        send(opened, None)
        return seen

    assert contextvars.copy_context().run(run) == ["caller", "synchronous"]


@pytest.mark.parametrize("way", ["asend", "asend_robust"])
def test_what_receivers_set_is_there_after_the_await(way):
    async def first(**named):
        variable.set("first")

    def second(**named):
        other_variable.set("second")

    async def main():
        opened = Signal()
        opened.connect(first)
        opened.connect(second)
        await getattr(opened, way)(None)
        return variable.get(), other_variable.get()

    assert asyncio.run(main()) == ("first", "second")


@pytest.mark.parametrize("way", ["send", "send_robust"])
def test_what_receivers_set_is_there_after_a_synchronous_send(way):
    async def first(**named):
        variable.set("first")

    opened = Signal()
    opened.connect(first)

    def run():
        getattr(opened, way)(None)
        return variable.get()

    assert contextvars.copy_context().run(run) == "first"


def test_what_was_set_is_there_after_an_exception_too():
    async def raising(**named):
        variable.set("raised")
        raise LookupError

    async def main():
        opened = Signal()
        opened.connect(raising)
        with pytest.raises(LookupError):
            await opened.asend(None)
        return variable.get()

    assert asyncio.run(main()) == "raised"


def test_asynchronous_receivers_share_one_context():
    async def first(**named):
        variable.set("first")
        await asyncio.sleep(0)

    async def second(**named):
        await asyncio.sleep(0)
        return variable.get()

    opened = Signal()
    opened.connect(first)
    opened.connect(second)
    assert dict(asyncio.run(opened.asend(None)))[second] == "first"


# 5. What counts as asynchronous


class Marked:
    """A callable that is asynchronous because it says so."""

    def __init__(self):
        markcoroutinefunction(self)

    def __call__(self, **named):
        async def answer():
            return "awaited"

        return answer()


def test_what_is_marked_as_a_coroutine_function_is_asynchronous(send):
    marked = Marked()
    opened = Signal()
    opened.connect(marked)
    assert opened.receivers[0][3] is True
    assert send(opened, None) == [(marked, "awaited")]


def test_a_bound_coroutine_method_and_a_partial_of_one_are_asynchronous(send):
    class Clerk:
        async def hear(self, **named):
            return "heard"

    clerk = Clerk()
    part = partial(clerk.hear, kind=1)
    opened = Signal()
    opened.connect(clerk.hear)
    opened.connect(part)
    assert send(opened, None) == [(clerk.hear, "heard"), (part, "heard")]


def test_an_object_whose_call_is_a_coroutine_is_not_asynchronous_as_with_django():
    class Clerk:
        async def __call__(self, **named): ...

    clerk = Clerk()
    for signal in (Signal(), DjangoSignal()):
        signal.connect(clerk)
        assert signal.receivers[0][-1] is False


# Beside the five


def test_asend_may_be_awaited_within_a_running_loop_and_within_receivers():
    async def inner(**named):
        return "inner"

    async def outer(**named):
        return await closed.asend("nested")

    opened, closed = Signal(), Signal()
    opened.connect(outer)
    closed.connect(inner)
    assert asyncio.run(opened.asend(None)) == [(outer, [(inner, "inner")])]


def test_synchronous_receivers_of_asend_run_in_the_thread_of_synchronous_code(asend):
    def where(**named):
        return threading.current_thread()

    opened = Signal()
    opened.connect(where)

    async def main():
        ((_, thread),) = await asend(opened, None)
        return thread is await sync_to_async(threading.current_thread)() is not threading.current_thread()

    assert asyncio.run(main()) is True


def test_with_nobody_connected_asend_answers_with_nothing(asend):
    assert asyncio.run(asend(Signal(), None)) == []


def test_the_decorator_takes_asynchronous_receivers_and_leaves_them_so(send):
    opened = Signal()

    @receiver(opened)
    async def hear(**named):
        return "heard"

    assert inspect.iscoroutinefunction(hear)
    assert send(opened, None) == [(hear, "heard")]


def test_an_asynchronous_receiver_on_a_signal_of_djangos_is_awaited():
    foreign = DjangoSignal()

    @receiver(foreign)
    async def hear(**named):
        return "heard"

    assert foreign.send(None) == [(hear, "heard")]
    assert asyncio.run(foreign.asend_robust(None)) == [(hear, "heard")]


def test_signal_may_not_be_sent_asynchronously_either():
    async def hear(**named): ...

    opened = Signal()
    opened.connect(hear)
    with pytest.raises(TypeError, match="signal"):
        asyncio.run(opened.asend(None, signal=1))
