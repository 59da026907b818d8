"""`muted` silences signals and receivers in one context, and in no other."""

import asyncio
import contextvars
import inspect
import threading

import pytest
from asgiref.sync import sync_to_async
from django.dispatch import Signal as DjangoSignal

from heliograph import Signal, muted, receiver, signal
from heliograph.dispatch import muting
from heliograph.errors import ReceiverDeclarationError


def one(**named):
    return 1


def two(**named):
    return 2


@pytest.fixture
def opened():
    """A signal with two receivers."""
    opened = Signal()
    opened.connect(one)
    opened.connect(two)
    return opened


@pytest.fixture(autouse=True)
def _nothing_stays_muted():
    yield
    assert muting.active == 0
    assert muting._muted.get() == ()


def heard(signal, way="send"):
    return [called for called, _ in getattr(signal, way)(None)]


@pytest.mark.parametrize("way", ["send", "send_robust"])
def test_a_muted_signal_calls_nobody(opened, way):
    with muted(opened):
        assert heard(opened, way) == []
        assert not opened.has_listeners()
    assert heard(opened, way) == [one, two]


@pytest.mark.parametrize("way", ["asend", "asend_robust"])
def test_a_muted_signal_calls_nobody_asynchronously(opened, way):
    async def hear(**named): ...

    async def main():
        with muted(opened):
            silent = await getattr(opened, way)(None)
        return silent, await getattr(opened, way)(None)

    opened.connect(hear)
    silent, loud = asyncio.run(main())
    assert (len(silent), len(loud)) == (0, 3)


def test_a_muted_receiver_hears_no_signal_and_the_others_hear_all(opened):
    closed = Signal()
    closed.connect(one)
    with muted(one):
        assert heard(opened) == [two]
        assert heard(closed) == []


def test_several_targets_at_once(opened):
    closed = Signal()
    closed.connect(two)
    with muted(closed, one):
        assert heard(opened) == [two]
        assert heard(closed) == []


def test_bound_methods_are_muted_by_object():
    class Clerk:
        def hear(self, **named): ...

    opened, clerk, other = Signal(), Clerk(), Clerk()
    opened.connect(clerk.hear)
    opened.connect(other.hear)
    with muted(clerk.hear):
        assert heard(opened) == [other.hear]


def test_a_typed_signal_may_be_muted():
    @signal
    def typed(*, door: int) -> None: ...

    typed.connect(one)
    with muted(typed):
        assert typed.send(None, door=1) == []


def test_mutes_nest_also_of_the_same_target(opened):
    with muted(opened):
        with muted(opened), muted(one):
            assert heard(opened) == []
        assert heard(opened) == []
    assert heard(opened) == [one, two]


def test_an_exception_ends_a_mute(opened):
    with pytest.raises(LookupError), muted(opened):
        raise LookupError
    assert heard(opened) == [one, two]


def test_one_muted_object_may_be_entered_again_and_again(opened):
    silence = muted(opened)
    with silence, silence:
        assert heard(opened) == []
    with silence:
        assert heard(opened) == []
    assert heard(opened) == [one, two]


def test_what_is_connected_during_a_mute_is_silent_too(opened):
    with muted(opened):
        opened.connect(len)
        assert heard(opened) == []
    opened.disconnect(len)


def test_as_a_decorator_of_a_function(opened):
    @muted(opened)
    def quiet(answer, *, also=None):
        """Answer quietly."""
        return answer, also, heard(opened)

    assert quiet(1, also=2) == (1, 2, [])
    assert (quiet.__name__, quiet.__doc__) == ("quiet", "Answer quietly.")
    assert heard(opened) == [one, two]


def test_as_a_decorator_of_a_recursive_function(opened):
    @muted(opened)
    def quiet(depth):
        return quiet(depth - 1) if depth else heard(opened)

    assert quiet(3) == []
    assert heard(opened) == [one, two]


def test_as_a_decorator_of_a_coroutine_function(opened):
    @muted(opened)
    async def quiet():
        await asyncio.sleep(0)
        return heard_now(opened)

    def heard_now(signal):
        return signal._live_receivers(None)[0]

    assert inspect.iscoroutinefunction(quiet)
    assert asyncio.run(quiet()) == []
    assert heard(opened) == [one, two]


def test_another_thread_hears_everything(opened):
    answers = []
    with muted(opened):
        context = contextvars.Context()  # what a new thread has, on every Python
        thread = threading.Thread(target=lambda: answers.extend(context.run(heard, opened)))
        thread.start()
        thread.join(10)
        assert heard(opened) == []
    assert answers == [one, two]


def test_two_tasks_mute_apart(opened):
    async def main():
        muting_now, done = asyncio.Event(), asyncio.Event()

        async def quiet():
            with muted(opened):
                muting_now.set()
                await asyncio.wait_for(done.wait(), 10)
                return await opened.asend(None)

        async def loud():
            await asyncio.wait_for(muting_now.wait(), 10)
            answer = await opened.asend(None)
            done.set()
            return answer

        return await asyncio.gather(quiet(), loud())

    assert asyncio.run(main()) == [[], [(one, 1), (two, 2)]]


def test_synchronous_code_called_from_a_muted_task_is_muted(opened):
    async def main():
        with muted(opened):
            return await sync_to_async(heard)(opened)

    assert asyncio.run(main()) == []


def test_mutes_of_receivers_that_run_together_end_each_for_itself():
    """Such receivers share one context, so mutes need not end in the order in which they began."""

    async def main():
        opened, first, second = Signal(), Signal(), Signal()
        second_began, first_ended = asyncio.Event(), asyncio.Event()
        for each in (first, second):
            each.connect(one)

        async def early(**named):
            with muted(first):
                await asyncio.wait_for(second_began.wait(), 10)
            first_ended.set()

        async def late(**named):
            with muted(second):
                second_began.set()
                await asyncio.wait_for(first_ended.wait(), 10)
                return first.has_listeners(), second.has_listeners()

        opened.connect(early)
        opened.connect(late)
        return dict(await opened.asend(None))[late]

    assert asyncio.run(main()) == (True, False)


@pytest.mark.parametrize("way", ["send", "send_robust"])
def test_on_a_signal_of_djangos_the_receivers_connected_through_heliograph_are_silent(way):
    foreign = DjangoSignal()
    called = []

    @receiver(foreign)
    def ours(**named):
        called.append("ours")

    def theirs(**named):
        called.append("theirs")

    foreign.connect(theirs)
    for target in (foreign, ours):
        with muted(target):
            getattr(foreign, way)(None)
        assert called == ["theirs"]
        called.clear()
    getattr(foreign, way)(None)
    assert called == ["ours", "theirs"]


def test_on_a_signal_of_djangos_asynchronous_receivers_are_silent_too():
    foreign = DjangoSignal()
    called = []

    @receiver(foreign)
    async def ours(**named):
        called.append("ours")

    async def main():
        with muted(ours):
            await foreign.asend(None)
        assert called == []
        await foreign.asend(None)

    asyncio.run(main())
    assert called == ["ours"]


def test_muting_nothing_or_what_is_neither_signal_nor_receiver_is_an_error():
    with pytest.raises(ReceiverDeclarationError, match="needs"):
        muted()
    with pytest.raises(ReceiverDeclarationError, match="'text'"):
        muted("text")


def test_a_task_that_outlives_the_block_hears_again_whoever_else_is_muted():
    opened, other = Signal(), Signal()
    opened.connect(hear_all := (lambda **named: "heard"), weak=False)

    async def main():
        ended = asyncio.Event()

        async def outlive():
            await ended.wait()
            return opened.send(None)

        with muted(opened):
            task = asyncio.create_task(outlive())
        with muted(other):
            ended.set()
            assert await task == [(hear_all, "heard")]

    asyncio.run(main())


def test_a_generator_is_silent_from_its_first_step_to_its_last():
    opened = Signal()
    opened.connect(lambda **named: "heard", weak=False)

    @muted(opened)
    def steps():
        yield opened.send(None)
        yield opened.send(None)

    assert list(steps()) == [[], []]
    assert len(opened.send(None)) == 1


def test_it_does_not_stand_on_classes():
    with pytest.raises(ReceiverDeclarationError, match="with muted"):
        muted(Signal())(type("Tests", (), {}))
