"""Tools that look into signals: factory_boy, django-debug-toolbar, and whatever replaces `_live_receivers`."""

from unittest.mock import Mock

import django.dispatch
import factory
import pytest
from debug_toolbar.panels.signals import SignalsPanel
from django.contrib.auth.models import User
from django.http import HttpResponse
from django.test import RequestFactory
from factory.django import mute_signals

from heliograph import Signal, muted, receiver

opened = Signal()
closed = Signal(use_caching=True)


def one(**named):
    return 1


def two(**named):
    return 2


def three(**named):
    return 3


class Clerk:
    def hear(self, **named): ...


@pytest.fixture(autouse=True)
def _two_receivers():
    opened.connect(one)
    receiver(opened)(two)
    yield
    opened.receivers = []
    closed.receivers = []


class TestFactoryBoy:
    def test_muted_signals_call_nobody_and_all_again_afterwards(self):
        with mute_signals(opened, closed):
            assert opened.send(None) == []
        assert opened.send(None) == [(one, 1), (two, 2)]

    def test_what_is_connected_meanwhile_hears_and_stays(self):
        with mute_signals(opened):
            opened.connect(three)
            assert opened.send(None) == [(three, 3)]
        assert opened.send(None) == [(one, 1), (two, 2), (three, 3)]

    def test_a_cached_signal_is_muted_for_senders_it_has_met(self):
        closed.connect(one)
        closed.send(Clerk)
        with mute_signals(closed):
            assert closed.send(Clerk) == []
        assert closed.send(Clerk) == [(one, 1)]

    def test_mutes_nest_and_an_exception_ends_them(self):
        with pytest.raises(LookupError), mute_signals(opened), mute_signals(opened):
            raise LookupError
        assert opened.send(None) == [(one, 1), (two, 2)]

    def test_a_receiver_that_goes_meanwhile_is_gone(self):
        clerk = Clerk()
        opened.connect(clerk.hear)
        with mute_signals(opened):
            del clerk
        assert opened.send(None) == [(one, 1), (two, 2)]

    def test_a_receiver_keeps_its_way_of_delivery(self):
        bindings = [getattr(entry, "binding", None) for entry in opened.receivers]
        with mute_signals(opened):
            pass
        assert [entry.binding for entry in opened.receivers] == bindings

    def test_as_a_decorator_of_a_function_and_of_a_factory(self):
        @mute_signals(opened)
        class UserFactory(factory.Factory):
            class Meta:
                model = User

            username = factory.LazyFunction(lambda: str(len(opened.send(None))))

        @mute_signals(opened)
        def quiet():
            return opened.send(None)

        assert UserFactory.build().username == "0"
        assert quiet() == []
        assert len(opened.send(None)) == 2


class TestDebugToolbar:
    def test_the_signals_panel_lists_the_receivers(self):
        clerk, gone = Clerk(), Clerk()
        opened.connect(clerk.hear)
        opened.connect(two, weak=False, sender=Clerk)
        opened.connect(gone.hear)
        del gone
        request = RequestFactory().get("/")
        toolbar = Mock(config={"EXTRA_SIGNALS": [f"{__name__}.opened"]}, stats={})
        panel = SignalsPanel(toolbar, lambda request: HttpResponse())
        panel.generate_stats(request, panel.process_request(request))
        assert dict(panel.get_stats()["signals"])["opened"] == ["one", "two", "Clerk.hear", "two"]
        assert "receivers of 16 signals" in panel.nav_subtitle()


class TestReplacedLiveReceivers:
    """What sentry-sdk does: see test_sentry.py for the real one."""

    @pytest.fixture
    def seen(self, monkeypatch):
        """Replace `django.dispatch.Signal._live_receivers` by one that notes what it is asked, and by whom."""
        seen = []
        before = django.dispatch.Signal._live_receivers

        def replaced(signal, sender):
            synchronous, asynchronous = before(signal, sender)
            seen.append((signal, sender, [*synchronous], [*asynchronous]))
            return synchronous, asynchronous

        monkeypatch.setattr(django.dispatch.Signal, "_live_receivers", replaced)
        return seen

    def test_it_is_asked_at_each_send(self, seen):
        assert opened.send("here") == opened.send_robust("here") == [(one, 1), (two, 2)]
        assert [(signal == opened, sender, live) for signal, sender, live, _ in seen] == [
            (True, "here", [one, two])
        ] * 2

    def test_it_is_not_asked_again_once_it_is_put_back(self, seen, monkeypatch):
        monkeypatch.undo()
        assert opened.send("here") == [(one, 1), (two, 2)]
        assert seen == []

    def test_a_muted_receiver_stays_muted(self, seen):
        with muted(one):
            assert opened.send("here") == [(two, 2)]
        with muted(opened):
            assert opened.send("here") == []
