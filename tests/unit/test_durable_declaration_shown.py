"""What people see of durable receivers: in `signals list` and `explain`, and in the system checks."""

import pytest
from django.apps import apps
from django.db.models.signals import post_save

from heliograph import Signal, receiver
from heliograph.checks.durable import durable_signals_have_names
from heliograph.delivery.declaration.registry import durable_receivers, undeclare
from heliograph.management.tables import explanation_text, listeners_text
from heliograph.observe.connected import connected
from heliograph.observe.explain import explain
from heliograph.observe.listeners import listener, listeners

opened = Signal()


def later(**named): ...


def plain(**named): ...


def after(**named): ...


@pytest.fixture(autouse=True)
def _clean():
    yield
    for each in durable_receivers():
        undeclare(each.name)
    for each in (plain, after):
        post_save.disconnect(each)
    opened.receivers = []


@pytest.mark.parametrize("signal", [opened, post_save], ids=["ours", "theirs"])
class TestModes:
    @pytest.fixture(autouse=True)
    def _connected(self, signal):
        receiver(signal, durable=True, name="shop.later")(later)
        receiver(signal, on_commit=True)(after)
        receiver(signal)(plain)

    def test_the_list_has_each_once_with_its_mode(self, signal):
        shown = [(row.receiver, row.mode) for row in map(listener, connected(signal)) if row.place.startswith("tests/")]
        assert {*shown} == {
            (f"{__name__}.after", "on_commit"),
            (f"{__name__}.plain", "now"),
            ("shop.later", "durable"),
        }
        assert len(shown) == 3
        assert "shop.later" in listeners_text(listeners())

    def test_explain_puts_durable_receivers_last(self, signal):
        runs = [row.mode for row in explain(signal, None).runs if row.place.startswith("tests/")]
        assert runs == ["now", "on_commit", "durable"]
        assert "durable" in explanation_text(signal, None, explain(signal, None))


class TestE006:
    def test_a_durable_receiver_of_a_signal_without_a_name(self, monkeypatch):
        nameless = Signal()
        with monkeypatch.context() as patched:
            patched.setattr(apps, "ready", False)
            receiver([opened, nameless], durable=True)(later)
        (error,) = durable_signals_have_names()
        assert error.id == "heliograph.E006"
        assert f"{__name__}.later" in error.msg
        assert "has no name, or more than one" in error.msg

    def test_all_is_well(self):
        receiver([opened, post_save], durable=True)(later)
        assert durable_signals_have_names() == []
