"""A receiver whose module is imported under two names is connected once; receivers that look alike are not one."""

import functools
import importlib.util
import sys

import django
import pytest
from django.dispatch import Signal as DjangoSignal

from heliograph import Signal, receiver
from heliograph.dispatch.binding import Binding
from heliograph.signals.wrapper import Wrapper, _kept

opened = Signal(name="shop.opened")


@pytest.fixture(autouse=True)
def _nobody_connected():
    opened.receivers = []
    yield
    opened.receivers = []


@pytest.fixture
def load(tmp_path):
    """Import a file under a name, and forget it in the end."""
    loaded = []

    def load(name, source, file=None):
        path = tmp_path / f"{file or name}.py"
        path.write_text(source)
        spec = importlib.util.spec_from_file_location(name, path)
        module = sys.modules[name] = importlib.util.module_from_spec(spec)
        loaded.append(name)
        vars(module).update(opened=opened, louder=louder, receiver=receiver)
        spec.loader.exec_module(module)
        return module

    yield load
    for name in loaded:
        sys.modules.pop(name, None)


def louder(function):
    @functools.wraps(function)
    def wrapper(*args, **named):
        return function(*args, **named)

    return wrapper


PLAIN = "@receiver(opened)\ndef hear(**named): return __name__"
DECORATED = "@receiver(opened)\n@louder\n@louder\ndef hear(**named): return __name__"


@pytest.mark.parametrize("source", [PLAIN, DECORATED])
def test_one_file_under_two_names_is_connected_once(load, source):
    load("shop_receivers", source, "receivers")
    load("shop.receivers", source, "receivers")
    assert [response for _, response in opened.send(None)] == ["shop_receivers"]


@pytest.mark.parametrize("source", [PLAIN, DECORATED])
def test_functions_of_one_name_in_two_files_are_both_connected(load, source):
    load("shop_receivers", source)
    load("stock_receivers", source)
    assert [response for _, response in opened.send(None)] == ["shop_receivers", "stock_receivers"]


def test_a_file_imported_again_under_its_own_name_takes_the_place_of_the_one_before(load):
    first = load("shop_receivers", PLAIN)
    del first.hear
    assert opened.send(None) == []
    load("shop_receivers", PLAIN)
    assert len(opened.send(None)) == 1


def test_functions_made_by_one_factory_are_all_connected():
    def make(number):
        @receiver(opened, weak=False)
        def hear(**named):
            return number

    for number in range(3):
        make(number)
    assert [response for _, response in opened.send(None)] == [0, 1, 2]


def test_methods_of_several_objects_are_all_connected():
    class Clerk:
        def hear(self, **named):
            return self

    clerks = [Clerk() for _ in range(3)]
    for clerk in clerks:
        receiver(opened)(clerk.hear)
    assert [response for _, response in opened.send(None)] == clerks


def test_a_file_that_makes_its_own_signal_is_whole_under_each_name(load):
    source = "from heliograph import Signal\nmine = Signal()\n@receiver(mine)\ndef hear(**named): return __name__"
    for name in ("shop_events", "shop.events"):
        module = load(name, source, "events")
        assert module.mine.send(None) == [(module.hear, name)]


def test_wrappers_that_a_signal_refuses_are_not_kept():
    foreign = DjangoSignal()

    def hear(**named): ...

    for _ in range(20):
        receiver(foreign)(hear)
    assert len(foreign.receivers) == 1
    assert len(_kept[id(hear)][1]) == (1 if django.VERSION >= (6, 1) else 20)  # until 6.1 a finalizer refers to each


def test_a_wrapper_whose_receiver_is_gone_does_not_equal_a_new_function_at_its_address():
    def make():
        def hear(**named): ...

        return hear

    first = make()
    wrapper, address = Wrapper(first, Binding(), weak=True), id(first)
    assert wrapper == first
    del first
    made = []
    for _ in range(10_000):
        made.append(make())
        if id(made[-1]) == address:
            break
    else:
        pytest.fail("No function was made at the address of the one that is gone.")
    assert wrapper != made[-1]
