"""A sending with durable receivers is recorded once, before anybody hears it."""

import asyncio
import gc
import sys
import threading
from types import SimpleNamespace

import django
import django.dispatch
import pytest
from factory.django import mute_signals

from heliograph import Signal, muted, receiver, signal
from heliograph.delivery.declaration.registry import durable_receivers, undeclare
from heliograph.dispatch.sending import SIGNAL_SENT

ours = Signal()
theirs = django.dispatch.Signal()
cached = django.dispatch.Signal(use_caching=True)
robust = ("send_robust", "asend_robust")
ways = ("send", "asend", *robust)


class Shop: ...


class Branch(Shop): ...


def one(**named):
    raise AssertionError("a durable receiver is not called in process")


def two(**named):
    raise AssertionError("a durable receiver is not called in process")


async def three(**named):
    raise AssertionError("a durable receiver is not called in process")


def plain(**named):
    heard.append("plain")
    return "plain"


async def asynchronous(**named):
    heard.append("asynchronous")


heard = []
NAMES = {each: f"{__name__}.{each.__name__}" for each in (one, two, three)}


@pytest.fixture(params=[ours, theirs, cached], ids=["ours", "theirs", "cached"])
def any_signal(request):
    """A signal of Heliograph's, and two of Django's dispatcher, in turn."""
    return request.param


@pytest.fixture
def recordings(monkeypatch):
    """What has been recorded: signal, sender, sendings, names."""
    recordings = []

    def record(*recorded):
        recordings.append(recorded)
        heard.append("recorder")

    monkeypatch.setitem(sys.modules, "heliograph.delivery.recording.recorder", SimpleNamespace(record=record))
    return recordings


@pytest.fixture(autouse=True)
def _clean():
    yield
    for each in durable_receivers():
        undeclare(each.name)
    for each in (ours, theirs, cached):
        each.receivers = []
        each.sender_receivers_cache.clear()
    heard.clear()


def durable(signal, *functions, **options):
    for function in functions:
        receiver(signal, durable=True, **options)(function)


def send(signal, way="send", /, sender=Shop, **named):
    answer = getattr(signal, way)(sender, **named)
    return asyncio.run(answer) if asyncio.iscoroutine(answer) else answer


def send_many(signal, way, *args):
    answer = getattr(signal, way)(*args)
    return asyncio.run(answer) if asyncio.iscoroutine(answer) else answer


@pytest.mark.parametrize("way", ways)
def test_once_ahead_of_all_others_with_what_is_sent_and_the_names_of_those_who_hear(any_signal, way, recordings):
    any_signal.connect(plain)
    any_signal.connect(asynchronous)
    durable(any_signal, one, two, three)
    responses = send(any_signal, way, door=1)
    assert recordings == [(any_signal, Shop, [{"door": 1}], [NAMES[one], NAMES[two], NAMES[three]])]
    if any_signal is not ours and way.startswith("a") and django.VERSION < (6, 1):
        heard.remove("asynchronous")  # called beside the synchronous ones, there
        heard.append("asynchronous")
    assert heard == ["recorder", "plain", "asynchronous"]
    assert {(r, None) for r in (one, two, three)} <= {*responses}
    assert len(responses) == 5


@pytest.mark.parametrize("sender", [None, Shop])
def test_each_sending_is_recorded(any_signal, sender, recordings):
    durable(any_signal, one, sender=sender)
    for door in range(3):
        send(any_signal, door=door)
    assert [sendings for _, _, sendings, _ in recordings] == [[{"door": 0}], [{"door": 1}], [{"door": 2}]]


@pytest.mark.parametrize("way", ways)
def test_nothing_is_recorded_that_no_durable_receiver_hears(any_signal, way, recordings):
    any_signal.connect(plain)
    durable(any_signal, one, sender=Branch)
    assert send(any_signal, way) == [(plain, "plain")]
    assert recordings == []


def test_each_sender_is_recorded_for_those_who_hear_it(any_signal, recordings):
    durable(any_signal, one, sender=Shop)
    durable(any_signal, two, sender=Branch)
    durable(any_signal, three)
    send(any_signal, sender=Shop)
    send(any_signal, sender=Branch)
    send(any_signal, sender=str)
    assert [(sender, names) for _, sender, _, names in recordings] == [
        (Shop, [NAMES[one], NAMES[three]]),
        (Branch, [NAMES[two], NAMES[three]]),
        (str, [NAMES[three]]),
    ]


def test_a_receiver_of_one_sender_and_of_all_is_named_once(any_signal, recordings):
    durable(any_signal, one)
    durable(any_signal, one, sender=Shop)
    send(any_signal)
    assert [names for *_, names in recordings] == [[NAMES[one]]]


def test_subclasses_are_heard_where_that_is_asked_for(any_signal, recordings):
    durable(any_signal, one, sender=Shop, subclasses=True)
    durable(any_signal, two, sender=Shop)
    send(any_signal, sender=Branch)
    send(any_signal, sender=Shop)
    send(any_signal, sender=str)
    assert [(sender, names) for _, sender, _, names in recordings] == [
        (Branch, [NAMES[one]]),
        (Shop, [NAMES[one], NAMES[two]]),
    ]


@pytest.mark.parametrize("way", ["send", "asend"])
def test_a_failure_to_record_is_raised_and_nobody_is_called(any_signal, way, recordings, monkeypatch):
    monkeypatch.setattr(sys.modules["heliograph.delivery.recording.recorder"], "record", lambda *_: 1 / 0)
    any_signal.connect(plain)
    durable(any_signal, one, two)
    with pytest.raises(ZeroDivisionError):
        send(any_signal, way)
    assert heard == []


@pytest.mark.parametrize("way", robust)
def test_a_failure_to_record_is_raised_by_a_robust_sending_too(way, recordings, monkeypatch):
    monkeypatch.setattr(sys.modules["heliograph.delivery.recording.recorder"], "record", lambda *_: 1 / 0)
    ours.connect(plain)
    durable(ours, one)
    with pytest.raises(ZeroDivisionError):
        send(ours, way)
    assert heard == []


@pytest.mark.parametrize("way", ["asend", "asend_robust"])
def test_asynchronous_sendings_record_in_the_thread_of_synchronous_code(any_signal, way, recordings, monkeypatch):
    threads = []
    recorder = sys.modules["heliograph.delivery.recording.recorder"]
    monkeypatch.setattr(recorder, "record", lambda *_: threads.append(threading.current_thread()))
    durable(any_signal, one, three)
    send(any_signal, way)
    (thread,) = threads
    assert thread is not threading.main_thread()


def test_a_disconnected_receiver_is_recorded_for_no_more(any_signal, recordings):
    durable(any_signal, one, two)
    assert any_signal.disconnect(one)
    send(any_signal)
    assert any_signal.disconnect(two)
    send(any_signal)
    assert [names for *_, names in recordings] == [[NAMES[two]]]
    assert not any_signal.has_listeners(Shop)


def test_a_collected_receiver_is_recorded_for_no_more(any_signal, recordings):
    namespace = {"__name__": __name__}
    exec("def passing(**named): ...", namespace)
    durable(any_signal, namespace.pop("passing"))
    gc.collect()
    assert send(any_signal) == recordings == []


class TestMuted:
    def test_a_muted_signal_records_nothing(self, any_signal, recordings):
        durable(any_signal, one)
        with muted(any_signal):
            send(any_signal)
        assert recordings == []

    def test_the_others_are_recorded_for_when_one_receiver_is_muted(self, any_signal, recordings):
        durable(any_signal, one, two, three)
        for silent in (one, two):
            with muted(silent):
                send(any_signal)
        with muted(one, two, three):
            send(any_signal)
        assert [names for *_, names in recordings] == [[NAMES[two], NAMES[three]], [NAMES[one], NAMES[three]]]

    def test_factory_boys_mute_signals_records_nothing_and_all_again_afterwards(self, any_signal, recordings):
        any_signal.connect(plain)
        durable(any_signal, one)
        with mute_signals(any_signal):
            assert send(any_signal) == []
            durable(any_signal, two)
        send(any_signal)
        assert [names for *_, names in recordings] == [[NAMES[one], NAMES[two]]]


class TestAheadOfOthers:
    @pytest.mark.parametrize("signal", [theirs, cached], ids=["theirs", "cached"])
    def test_when_a_tool_puts_others_in_front_all_is_recorded_once_and_the_order_is_mended(self, signal, recordings):
        durable(signal, one, two, sender=Shop)
        saved = signal.receivers
        signal.receivers = []
        signal.connect(plain)
        signal.receivers += saved
        send(signal)
        assert len(recordings) == 1
        heard.clear()
        send(signal)
        assert len(recordings) == 2
        assert heard == ["recorder", "plain"]

    def test_a_receiver_that_comes_back_without_the_first_one_has_it_recorded(self, recordings):
        durable(theirs, one, two)
        theirs.receivers = theirs.receivers[1:]
        send(theirs)
        assert [names for *_, names in recordings] == [[NAMES[two]]]

    def test_a_durable_receiver_makes_no_other_sender_seem_heard(self, any_signal):
        durable(any_signal, one, sender=Shop)
        assert any_signal.has_listeners(Shop)
        assert not any_signal.has_listeners(Branch)
        assert not any_signal.has_listeners(str)


class TestTools:
    @pytest.fixture(autouse=True)
    def _tool(self, monkeypatch):
        """Wrap each synchronous receiver, as sentry-sdk does."""
        import functools

        before = django.dispatch.Signal._live_receivers

        def replaced(signal, sender):
            synchronous, asynchronous = before(signal, sender)

            def wrap(receiver):
                @functools.wraps(receiver)
                def seen(*args, **kwargs):
                    return receiver(*args, **kwargs)

                return seen

            return [wrap(each) for each in synchronous], asynchronous

        monkeypatch.setattr(django.dispatch.Signal, "_live_receivers", replaced)

    @pytest.mark.parametrize("way", ways)
    def test_a_watched_sending_is_recorded_once(self, any_signal, way, recordings):
        any_signal.connect(plain)
        durable(any_signal, one, two)
        send(any_signal, way, door=1)
        assert recordings == [(any_signal, Shop, [{"door": 1}], [NAMES[one], NAMES[two]])]
        assert heard == ["recorder", "plain"]

    def test_a_muted_receiver_is_left_out_all_the_same(self, any_signal, recordings):
        durable(any_signal, one, two)
        with muted(one):
            send(any_signal)
        assert [names for *_, names in recordings] == [[NAMES[two]]]


def test_a_signal_with_live_receivers_of_its_own_is_recorded(recordings):
    class Watching(Signal):
        def _live_receivers(self, sender):
            return super()._live_receivers(sender)

    watching = Watching(name="test.watching")
    durable(watching, one)
    assert [response for _, response in send(watching)] == [None]
    assert len(recordings) == 1


@pytest.mark.parametrize("way", ["send_many", "asend_many"])
class TestSendMany:
    def test_all_are_recorded_together_before_the_first_is_heard(self, way, recordings):
        ours.connect(plain)
        durable(ours, one)
        responses = send_many(ours, way, Shop, ({"door": door} for door in range(2)))
        assert recordings == [(ours, Shop, [{"door": 0}, {"door": 1}], [NAMES[one]])]
        assert heard == ["recorder", "plain", "plain"]
        assert responses == [[(plain, "plain"), (one, None)]] * 2

    def test_receivers_get_what_is_sent_to_each(self, way, recordings):
        seen = []

        def hear(signal, sender, door, **named):
            seen.append((signal, sender, door, named))

        ours.connect(hear, weak=False)
        ours.connect(asynchronous)
        send_many(ours, way, Shop, [{"door": 1}, {"door": 2}])
        assert seen == [(ours, Shop, 1, {}), (ours, Shop, 2, {})]
        assert heard == ["asynchronous"] * 2
        assert recordings == []

    def test_asynchronous_receivers_of_one_sending_come_before_those_of_the_next(self, way, recordings):
        async def hear(door, **named):
            heard.append(("asynchronous", door))

        ours.connect(hear, weak=False)
        ours.connect(lambda door, **named: heard.append(("synchronous", door)), weak=False)
        durable(ours, one)
        responses = send_many(ours, way, Shop, [{"door": 1}, {"door": 2}])
        assert heard == ["recorder", *((kind, door) for door in (1, 2) for kind in ("synchronous", "asynchronous"))]
        assert [len(each) for each in responses] == [3, 3]
        assert len(recordings) == 1

    def test_what_a_receiver_raises_is_raised_and_ends_it(self, way, recordings):
        def fail(door, **named):
            heard.append(door)
            raise LookupError

        ours.connect(fail, weak=False)
        durable(ours, one)
        with pytest.raises(LookupError):
            send_many(ours, way, Shop, [{"door": 1}, {"door": 2}])
        assert heard == ["recorder", 1]
        assert recordings[0][2] == [{"door": 1}, {"door": 2}]

    def test_a_failure_to_record_is_raised_and_nobody_is_called(self, way, recordings, monkeypatch):
        monkeypatch.setattr(sys.modules["heliograph.delivery.recording.recorder"], "record", lambda *_: 1 / 0)
        ours.connect(plain)
        durable(ours, one)
        with pytest.raises(ZeroDivisionError):
            send_many(ours, way, Shop, [{}])
        assert heard == []

    def test_nobody_hears(self, way, recordings):
        assert send_many(ours, way, None, [{}, {}]) == [[], []]
        durable(ours, one)
        assert send_many(ours, way, None, []) == recordings == []

    def test_muted_receivers_are_left_out(self, way, recordings):
        durable(ours, one, two)
        with muted(one):
            send_many(ours, way, Shop, [{}])
        with muted(ours):
            send_many(ours, way, Shop, [{}])
        assert [names for *_, names in recordings] == [[NAMES[two]]]

    @pytest.mark.parametrize("argument", ["signal", "sender"])
    def test_an_argument_that_receivers_get_anyway_is_refused_before_anything_is_recorded(
        self, way, argument, recordings
    ):
        durable(ours, one)
        with pytest.raises(TypeError, match=f"'{argument}' is what every receiver gets"):
            send_many(ours, way, Shop, [{}, {argument: 1}])
        assert recordings == []

    def test_a_typed_signal_checks_each_payload_and_fills_in_defaults(self, way, recordings, settings):
        settings.DEBUG = True
        durable(typed, one)
        with pytest.raises(TypeError, match="does not declare 'window'"):
            send_many(typed, way, None, [{"door": 1}, {"window": 2}])
        assert recordings == []
        send_many(typed, way, None, [{"door": 1}, {"door": 2, "open": False}])
        assert recordings[0][2] == [{"door": 1, "open": True}, {"door": 2, "open": False}]


@signal
def typed(*, door: int, open: bool = True) -> None: ...  # noqa: A002


@pytest.mark.parametrize("way", ways)
def test_what_is_sent_as_signal_is_refused_before_anything_is_recorded(way, recordings):
    durable(ours, one)
    with pytest.raises(TypeError, match=SIGNAL_SENT.partition(";")[0]):
        send(ours, way, signal=1)
    assert recordings == []
