"""A signal's name is where it stands, found when it is asked for."""

import importlib
import sys
from types import ModuleType

import pytest
from django.core.signals import request_started
from django.db.models.signals import m2m_changed, post_save
from django.dispatch import Signal as DjangoSignal

from heliograph import Signal, signal
from heliograph.errors import SignalDeclarationError
from heliograph.events.names import DJANGO_SIGNALS, label, signal_name

opened = Signal()
fixed = Signal(name="shop.fixed")
with_two_names = also_called = Signal()
annotated: Signal = Signal()


class Late(Signal):
    """A subclass with an `__init__` of its own."""

    def __init__(self, *args):
        super().__init__(*args)


late = Late()


@signal
def declared(*, order: int) -> None: ...


@pytest.fixture
def module():
    """Make modules from source, as if imported."""
    made = []

    def make(name, source, path=None):
        made.append(name)
        module = sys.modules[name] = ModuleType(name)
        if path is not None:
            path.write_text(source)
            module.__file__ = str(path)
        exec(compile(source, str(path or "<made>"), "exec"), module.__dict__)
        return module

    yield make
    for name in made:
        sys.modules.pop(name, None)


@pytest.mark.parametrize("attribute", ["opened", "annotated", "late", "declared"])
def test_outside_an_app_a_name_is_the_dotted_path(attribute):
    assert globals()[attribute].name == f"{__name__}.{attribute}"


def test_in_an_app_a_name_begins_with_the_apps_label(module):
    assert module("gallery.signals", "from heliograph import Signal\nopened = Signal()").opened.name == "gallery.opened"
    deep = module("gallery.deep.down", "from heliograph import signal\n@signal\ndef closed(*, door): ...")
    assert deep.closed.name == "gallery.closed"


def test_a_name_may_be_fixed():
    assert fixed.name == "shop.fixed"
    assert Signal(name="shop.local").name == "shop.local"


@pytest.mark.parametrize("name", ["", 7, b"shop"])
def test_a_fixed_name_is_a_string_that_is_not_empty(name):
    with pytest.raises(SignalDeclarationError, match="name of a signal"):
        Signal(name=name)


def test_a_signal_that_no_module_holds_or_under_two_names_has_none():
    assert Signal().name is None
    assert with_two_names.name is None
    assert label(with_two_names) == repr(with_two_names)


def test_such_a_signal_works_in_process():
    with_two_names.connect(len)
    assert len(with_two_names.receivers) == 1
    with_two_names.disconnect(len)


def test_the_name_is_found_by_identity_when_it_is_asked_for(module):
    shop = module("shop_signals", "from heliograph import Signal\nopened = Signal()")
    shop.closed = shop.opened
    del shop.opened
    assert shop.closed.name == "shop_signals.closed"


def test_the_module_whose_code_made_the_signal_counts_and_not_those_that_import_it(module):
    shop = module("shop_signals", "from heliograph import Signal\nopened = Signal()")
    module("shop_receivers", "from shop_signals import opened as other\nfrom shop_signals import opened")
    assert shop.opened.name == "shop_signals.opened"


def test_a_subclass_with_its_own_init_is_named_by_where_it_is_made(module):
    module("shop_kinds", "from heliograph import Signal\nclass Kind(Signal):\n  def __init__(self): super().__init__()")
    assert module("shop_signals", "from shop_kinds import Kind\nopened = Kind()").opened.name == "shop_signals.opened"


def test_djangos_own_signals_are_named_from_a_table():
    assert signal_name(post_save) == "django.db.models.signals.post_save"
    assert signal_name(m2m_changed) == "django.db.models.signals.m2m_changed"
    assert signal_name(request_started) == "django.core.signals.request_started"


def test_the_table_has_every_signal_of_those_modules():
    for module_name, attributes in DJANGO_SIGNALS.items():
        module = importlib.import_module(module_name)
        declared = {name for name, value in vars(module).items() if isinstance(value, DjangoSignal)}
        imported = {"setting_changed", "request_started", "request_finished", "got_request_exception"}
        assert set(attributes) <= declared
        assert declared - set(attributes) <= imported, module_name


def test_a_third_party_signal_has_the_module_that_assigns_it(module, tmp_path):
    makes = "from django.dispatch import Signal\nopened = Signal()\n"
    shop = module("third_party_signals", makes, tmp_path / "third_party_signals.py")
    uses = "from third_party_signals import opened\n"
    module("third_party_users", uses, tmp_path / "third_party_users.py")
    assert signal_name(shop.opened) == "third_party_signals.opened"


def test_a_third_party_signal_that_two_modules_assign_has_none(module, tmp_path):
    made = module("third_party_one", "from django.dispatch import Signal\nopened = Signal()\n", tmp_path / "a.py")
    again = "import third_party_one\nopened = getattr(third_party_one, 'opened')\n"
    module("third_party_two", again, tmp_path / "b.py")
    assert signal_name(made.opened) is None
    assert label(made.opened) == repr(made.opened)
