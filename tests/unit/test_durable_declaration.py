"""Declaring durable receivers: what is refused, and what one subscription is."""

import functools
import gc
import importlib
import sys

import django.dispatch
import pytest
from django.apps import apps
from django.core.signals import setting_changed
from django.db.backends.signals import connection_created
from django.db.models.signals import class_prepared, post_migrate, post_save, pre_migrate

from heliograph import Signal, receiver
from heliograph.delivery.decisions.retry import RetryPolicy
from heliograph.delivery.declaration.options import DurableOptions
from heliograph.delivery.declaration.registry import durable_receiver, durable_receivers, options_of, undeclare
from heliograph.errors import ReceiverDeclarationError

opened = Signal()
closed = Signal()
theirs = django.dispatch.Signal()


class Shop: ...


def hear(**named): ...


def listen(**named): ...


async def listen_later(**named): ...


HEAR, LISTEN = f"{__name__}.hear", f"{__name__}.listen"


@pytest.fixture(autouse=True)
def _clean():
    before = {each.name for each in durable_receivers()}
    yield
    for each in durable_receivers():
        if each.name not in before:
            undeclare(each.name)
    for signal in (opened, closed, theirs):
        signal.receivers = []


def refused(*arguments, function=hear, **options):
    with pytest.raises(ReceiverDeclarationError) as caught:
        receiver(*arguments, **options)(function)
    assert not any(durable_receivers())
    return str(caught.value)


class TestOptions:
    def test_a_durable_receiver_has_them_and_connect_gets_the_others(self):
        given = []

        class Door(Signal):
            def connect(self, receiver, sender=None, weak=True, dispatch_uid=None, colour=None):
                given.append((sender, weak, dispatch_uid, colour))
                super().connect(receiver, sender, weak, dispatch_uid)

        door = Door(name="test.door")
        retry = RetryPolicy(max_attempts=3)
        receiver(
            door, durable=True, retry=retry, partitions=4, sender=Shop, weak=False, dispatch_uid="uid", colour="red"
        )(hear)
        assert given == [(Shop, False, "uid", "red")]
        assert options_of(HEAR) == DurableOptions(retry=retry, partitions=4)

    @pytest.mark.parametrize("option", ["retry", "batch", "ordering", "aliases", "raw"])
    def test_one_of_them_without_durable_is_named_with_the_remedy(self, option):
        assert refused(opened, **{option: 1}) == f"{HEAR}: {option}=... needs durable=True beside it."

    def test_an_option_that_nobody_has_is_named_with_the_nearest_one(self):
        assert refused(opened, durabel=True) == f"{HEAR}: receiver() has no option 'durabel'. Did you mean 'durable'?"
        assert "The options are: on_commit, durable, " in refused(opened, colour="red")

    @pytest.mark.parametrize("flag", ["durable", "on_commit", "subclasses"])
    def test_a_flag_is_a_flag(self, flag):
        assert refused(opened, **{flag: "yes"}) == f"{HEAR}: {flag} is True or False, not 'yes'."

    @pytest.mark.parametrize(
        "options",
        [{"on_commit": True}, {"sender": "plain"}, {"sender": object()}],
        ids=["on_commit", "no label", "no class"],
    )
    def test_the_receiver_is_named(self, options):
        assert refused(opened, durable=True, **options).startswith(f"{HEAR}: ")

    def test_with_on_commit(self):
        assert "Leave on_commit=True out." in refused(opened, durable=True, on_commit=True)

    def test_an_option_that_neither_they_nor_connect_have(self):
        assert "no option 'partition'. Did you mean 'partitions'?" in refused(opened, durable=True, partition=2)
        assert "no option 'apps'" in refused([post_save, opened], durable=True, apps=None)

    def test_a_wrong_value_names_the_receiver(self):
        assert refused(opened, durable=True, partitions=0).startswith(f"{HEAR}: partitions is ")

    def test_a_function_that_no_worker_can_import(self):
        assert "a lambda" in refused(opened, durable=True, function=lambda **_: None)
        assert "name of its own" in refused(opened, durable=True, function=functools.partial(hear))


class TestSignalsAndSenders:
    @pytest.mark.parametrize(
        "signal",
        [class_prepared, connection_created, setting_changed, pre_migrate, post_migrate],
        ids=["class_prepared", "connection_created", "setting_changed", "pre_migrate", "post_migrate"],
    )
    def test_signals_around_the_database_are_refused(self, signal):
        assert "before or around the database" in refused(signal, durable=True)
        assert "before or around the database" in refused([opened, signal], durable=True)

    def test_what_is_no_signal_of_djangos_kind_is_refused(self):
        class Blinker:
            def connect(self, receiver): ...

        assert "one of Django's kind" in refused(Blinker(), durable=True)

    @pytest.mark.parametrize("signal", [Signal(), django.dispatch.Signal()], ids=["ours", "theirs"])
    def test_a_signal_without_a_name_is_refused(self, signal):
        message = refused(signal, durable=True)
        assert "has no name, or more than one" in message
        assert "heliograph.Signal(name=" in message

    def test_a_signal_with_two_names_is_refused(self, monkeypatch):
        monkeypatch.setattr(sys.modules[__name__], "also_opened", opened, raising=False)
        assert "has no name, or more than one" in refused(opened, durable=True)

    def test_a_name_may_come_later_while_the_apps_are_not_ready(self, monkeypatch):
        monkeypatch.setattr(apps, "ready", False)
        receiver(nameless := Signal(), durable=True)(hear)
        assert durable_receiver(HEAR).signals == (nameless,)
        undeclare(HEAR)

    @pytest.mark.parametrize("sender", [Shop(), "shop", hear, 7], ids=["instance", "text", "function", "number"])
    def test_senders_that_no_worker_could_tell_are_refused(self, sender):
        assert "is None, a class, or a model's label" in refused(opened, durable=True, sender=sender)

    @pytest.mark.parametrize("signal", [opened, theirs, post_save], ids=["ours", "theirs", "model signal"])
    @pytest.mark.parametrize("sender", [None, Shop, "auth.User"])
    def test_others_are_taken(self, signal, sender):
        receiver(signal, durable=True, sender=sender)(hear)
        assert durable_receiver(HEAR).signals == (signal,)

    def test_asynchronous_receivers_are_taken(self):
        receiver(opened, durable=True)(listen_later)
        assert durable_receiver(f"{__name__}.listen_later").function is listen_later


class TestOneSubscription:
    def test_is_one_function_over_any_number_of_signals_and_senders(self):
        receiver([opened, theirs], durable=True, batch=1)(hear)
        receiver(closed, durable=True, batch=1, sender=Shop)(hear)
        receiver(closed, durable=True, batch=1, sender=str)(hear)
        (found,) = durable_receivers()
        assert (found.name, found.function, found.signals) == (HEAR, hear, (opened, theirs, closed))
        assert found.options == DurableOptions(batch=1)
        assert found.place == f"{__file__}:{hear.__code__.co_firstlineno}"

    def test_with_the_same_options_everywhere(self):
        receiver(opened, durable=True, batch=2)(hear)
        with pytest.raises(ReceiverDeclarationError, match=r"batch=2 \(.*\) and with batch=None \(.*name=") as caught:
            receiver(closed, durable=True)(hear)
        assert str(caught.value).count(f"{__file__}:") == 2
        assert durable_receiver(HEAR).signals == (opened,)

    def test_under_a_name_that_no_other_function_has(self):
        receiver(opened, durable=True, name="shop.hear")(hear)
        with pytest.raises(ReceiverDeclarationError, match=r"name 'shop\.hear': at .* and at .*name=") as caught:
            receiver(closed, durable=True, name="shop.hear")(listen)
        for function in (hear, listen):
            assert f"{__file__}:{function.__code__.co_firstlineno}" in str(caught.value)

    @pytest.mark.parametrize(
        ("first", "second"),
        [
            ({"name": "shop.new", "aliases": ["shop.old"]}, {"name": "shop.old"}),
            ({"name": "shop.old"}, {"name": "shop.new", "aliases": ["shop.old"]}),
            ({"name": "shop.new", "aliases": ["shop.old"]}, {"name": "shop.newer", "aliases": ["shop.old"]}),
        ],
    )
    def test_under_aliases_that_no_other_has(self, first, second):
        receiver(opened, durable=True, **first)(hear)
        with pytest.raises(ReceiverDeclarationError, match=r"'shop\.old' is a name or an alias of two"):
            receiver(closed, durable=True, **second)(listen)

    def test_under_a_name_that_no_function_of_another_place_has(self):
        def elsewhere():
            receiver(closed, durable=True, name="shop.hear")(listen)

        receiver(opened, durable=True, name="shop.hear")(hear)
        with pytest.raises(ReceiverDeclarationError, match="Two functions"):
            elsewhere()

    def test_two_functions_of_one_name_in_one_module(self):
        source = """
from heliograph import receiver
@receiver(opened, durable=True)
def twice(**named): ...
first = twice
@receiver(opened, durable=True)
def twice(**named): ...
"""
        code = compile(source, __file__, "exec")
        namespace = {"__name__": "shop_twice", "opened": opened}
        with pytest.raises(ReceiverDeclarationError, match=f"at {__file__}:3 and at {__file__}:6"):
            exec(code, namespace)

    def test_one_function_under_two_names_is_two(self):
        receiver(opened, durable=True, name="one")(hear)
        receiver(closed, durable=True, name="two")(hear)
        assert [(each.name, each.signals) for each in durable_receivers()] == [("one", (opened,)), ("two", (closed,))]


class TestLookingUp:
    def test_by_name_and_by_alias(self):
        receiver(opened, durable=True, aliases=["shop.hear"])(hear)
        assert durable_receiver(HEAR) == durable_receiver("shop.hear")
        assert durable_receiver("shop") is None

    @pytest.mark.parametrize("signal", [opened, theirs], ids=["ours", "theirs"])
    def test_a_disconnected_receiver_is_not_found(self, signal):
        receiver([signal, closed], durable=True)(hear)
        signal.disconnect(hear)
        assert durable_receiver(HEAR).signals == (closed,)
        closed.disconnect(hear)
        assert durable_receiver(HEAR) is None
        receiver(signal, durable=True, batch=1, name=HEAR)(listen)
        assert durable_receiver(HEAR).function is listen

    @pytest.mark.parametrize("signal", [opened, theirs], ids=["ours", "theirs"])
    def test_undeclaring_disconnects(self, signal):
        signal.connect(listen)
        receiver([signal, closed], durable=True)(hear)
        assert undeclare(HEAR)
        assert not undeclare(HEAR)
        assert [receiver for receiver, _ in signal.send(None)] == [listen]
        assert closed.send(None) == []

    def test_the_registry_keeps_neither_functions_nor_signals_alive(self):
        namespace = {"__name__": __name__}
        exec("def passing(**named): ...", namespace)
        short = Signal(name="test.short")
        receiver([opened, short], durable=True)(namespace["passing"])
        del short
        gc.collect()
        assert durable_receiver(f"{__name__}.passing").signals == (opened,)
        namespace.clear()
        gc.collect()
        assert durable_receiver(f"{__name__}.passing") is None
        assert opened.send(None) == []


class TestSameSource:
    """A module that is run again, or known by two names."""

    @pytest.fixture
    def package(self, tmp_path, monkeypatch):
        (tmp_path / "outer").mkdir()
        (tmp_path / "outer" / "__init__.py").write_text("")
        (tmp_path / "outer" / "durable_shop.py").write_text(
            f"""
from heliograph import receiver
from {__name__} import opened, theirs

@receiver([opened, theirs], durable=True, NAMED)
def hear(**named): ...
"""
        )
        monkeypatch.syspath_prepend(tmp_path)
        monkeypatch.syspath_prepend(tmp_path / "outer")
        yield tmp_path / "outer" / "durable_shop.py"
        for name in ("outer", "outer.durable_shop", "durable_shop"):
            sys.modules.pop(name, None)

    @pytest.mark.parametrize("named", ["", "name='shop.hear'", "aliases=['shop.hear']"])
    def test_a_module_under_two_names_declares_once(self, package, named):
        package.write_text(package.read_text().replace("NAMED", named))
        first = importlib.import_module("durable_shop")
        second = importlib.import_module("outer.durable_shop")
        assert first.hear is not second.hear
        (found,) = durable_receivers()
        assert found.function is first.hear
        assert len(opened.receivers) == len(theirs.receivers) == 1

    def test_so_it_does_with_a_signal_of_its_own(self, package):
        source = package.read_text().replace("NAMED", "name='shop.hear'").replace("[opened, theirs]", "mine")
        package.write_text("from heliograph import Signal\nmine = Signal()\n" + source)
        first = importlib.import_module("durable_shop")
        second = importlib.import_module("outer.durable_shop")
        (found,) = durable_receivers()
        assert (found.function, found.signals) == (first.hear, (first.mine, second.mine))

    @pytest.mark.parametrize("named", ["", "name='shop.hear'"])
    @pytest.mark.parametrize("change", ["", "\n\n"])
    def test_a_reloaded_module_declares_its_function_anew(self, package, named, change):
        package.write_text(package.read_text().replace("NAMED", named))
        module = importlib.import_module("durable_shop")
        first = module.hear
        package.write_text(change + package.read_text().replace("durable=True", "durable=True, batch=1"))
        importlib.reload(module)
        (found,) = durable_receivers()
        assert (found.function, found.options.batch) == (module.hear, 1)
        assert module.hear is not first


class TestTakenPlaces:
    @pytest.mark.parametrize("signal", [opened, theirs], ids=["ours", "theirs"])
    @pytest.mark.parametrize("before", [{}, {"on_commit": True}, {"durable": True, "name": "other"}])
    def test_a_function_that_is_connected_otherwise_is_refused_not_lost(self, signal, before):
        receiver(signal, **before)(hear)
        with pytest.raises(ReceiverDeclarationError, match=r"is not connected to .* a second function"):
            receiver(signal, durable=True)(hear)
        undeclare(HEAR)

    @pytest.mark.parametrize("signal", [theirs], ids=["theirs"])
    def test_so_is_one_whose_dispatch_uid_is_taken(self, signal):
        signal.connect(listen, dispatch_uid="uid")
        with pytest.raises(ReceiverDeclarationError, match=f"{LISTEN} .* is, with delivery 'now'"):
            receiver(signal, durable=True, dispatch_uid="uid")(hear)

    @pytest.mark.parametrize("signal", [opened, theirs], ids=["ours", "theirs"])
    def test_connecting_twice_is_connecting_once(self, signal):
        receiver(signal, durable=True)(hear)
        receiver(signal, durable=True)(hear)
        assert len(signal.receivers) == 1
