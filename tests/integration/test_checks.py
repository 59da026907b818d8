"""System checks: each id with what brings it up, and what does not."""

import re

import pytest

MODELS = """
    from django.db import models

    class Work(models.Model):
        class Meta:
            abstract = True

    class Painting(Work): ...
"""

HEAD = """
from django.db.models.signals import post_save
from heliograph import Signal, receiver
from shop.models import Painting, Work

opened = Signal()

"""


@pytest.fixture
def shop(new_project):
    project = new_project("heliograph", "shop")
    project.write("shop/models.py", MODELS)
    return project


def found(project, receivers=None):
    """The messages of `manage.py check`, as pairs of id and text."""
    if receivers is not None:
        project.write("shop/receivers.py", HEAD + receivers)
    done = project.manage("check")
    assert "Traceback" not in done.stderr, done.stderr
    return re.findall(r"\((heliograph\.\w+)\) (.*)", done.stderr + done.stdout)


def test_a_project_that_has_it_all_right_is_told_nothing(shop):
    assert found(shop, "@receiver([opened, post_save], sender=Painting)\ndef listens(**kwargs): ...\n") == []


@pytest.mark.parametrize("signal", ["opened", "post_save"])
def test_e001_a_receiver_of_an_abstract_model(shop, signal):
    ((check, text),) = found(shop, f"@receiver({signal}, sender=Work)\ndef listens(**kwargs): ...\n")
    assert check == "heliograph.E001"
    assert "shop.receivers.listens" in text
    assert "shop.Work" in text
    assert re.search(r"receivers\.py:\d+", text)


def test_e001_not_with_subclasses(shop):
    connected = "@receiver([opened, post_save], sender=Work, subclasses=True)\ndef listens(**kwargs): ...\n"
    assert found(shop, connected) == []


def test_e001_for_djangos_own_connect_too(shop):
    assert (
        found(shop, "def listens(**kwargs): ...\npost_save.connect(listens, sender=Work)\n")[0][0] == "heliograph.E001"
    )


@pytest.mark.parametrize("signal", ["opened", "post_save"])
def test_e002_a_receiver_that_takes_no_keyword_arguments(shop, signal):
    ((check, text),) = found(shop, f"@receiver({signal})\ndef listens(sender, instance): ...\n")
    assert check == "heliograph.E002"
    assert "shop.receivers.listens" in text


@pytest.mark.parametrize(
    "definition",
    [
        "@receiver(opened)\nclass Listens:\n    def __init__(self, **kwargs): ...\n",
        "import functools\nlistens = functools.partial(lambda one, **kwargs: one, 1)\nreceiver(opened)(listens)\n",
        "class Listens:\n    def __call__(self, **kwargs): ...\nlistens = Listens()\nreceiver(opened)(listens)\n",
        "class Listens:\n    def on(self, **kwargs): ...\nlistens = Listens()\nreceiver(opened)(listens.on)\n",
        "@receiver(opened)\nasync def listens(sender, **named): ...\n",
        "class Listens:\n    __hash__ = None\n    def __call__(self, **kwargs): ...\n"
        "listens = Listens()\nopened.connect(listens)\n",
        "opened.connect(dict)\n",
    ],
)
def test_e002_not_for_any_callable_that_takes_them(shop, definition):
    assert found(shop, definition) == []


def test_e003_two_signals_under_one_name(shop):
    ((check, text),) = found(shop, "one, other = Signal(name='shop.bought'), Signal(name='shop.bought')\n")
    assert check == "heliograph.E003"
    assert "'shop.bought'" in text


DONE = "from django.dispatch import Signal\ndone = Signal()\n"


def test_e003_says_where_each_signal_is_djangos_own_class_too(shop):
    shop.write("shop/other.py", DONE)
    ((check, text),) = found(shop, "import shop.other\ndone = Signal()\n")
    assert check == "heliograph.E003"
    assert "2 signals are named 'shop.done': one in shop.other, one in shop.receivers." in text


def test_e003_not_for_signals_that_are_all_djangos(shop):
    shop.write("shop/one.py", DONE)
    shop.write("shop/other.py", DONE)
    assert found(shop, "import shop.one, shop.other\n") == []


def test_e003_not_for_two_signals_without_a_name_or_one_under_two(shop):
    assert found(shop, "nameless = [Signal(), Signal()]\none = two = Signal()\n") == []


@pytest.mark.parametrize("signal", ["opened", "post_save"])
def test_e004_a_sender_that_no_model_has_with_the_near_match(shop, signal):
    shop.write("shop/receivers.py", HEAD + f"@receiver({signal}, sender='shop.Paintin')\ndef listens(**kwargs): ...\n")
    done = shop.manage("check")
    assert "(heliograph.E004) shop.receivers.listens" in done.stderr
    assert "Did you mean 'shop.Painting'?" in done.stderr


def test_e004_the_label_of_an_abstract_model(shop):
    listens = "@receiver(post_save, sender='shop.Work', subclasses=True)\ndef listens(**kwargs): ...\n"
    shop.write("shop/receivers.py", HEAD + listens)
    done = shop.manage("check")
    assert "(heliograph.E004)" in done.stderr
    assert "That model is abstract" in done.stderr


def test_e004_a_model_of_an_app_that_is_not_installed(shop):
    messages = found(shop, "@receiver(post_save, sender='nowhere.Thing')\ndef listens(**kwargs): ...\n")
    assert "heliograph.E004" in [check for check, _ in messages]


def test_e004_not_for_a_label_with_a_model_nor_for_a_plain_string(shop):
    connected = """
    @receiver(opened, sender="shop.painting")
    @receiver(opened, sender="shop.Painting")
    @receiver(opened, sender="www.example")
    @receiver(opened, sender="plain")
    def listens(**kwargs): ...
    """
    shop.write("shop/late.py", "")
    assert found(shop, connected.replace("\n    ", "\n")) == []


USER = """
    from django.contrib.auth.models import AbstractUser

    class User(AbstractUser): ...
"""


def test_e004_not_for_a_swapped_user_model(shop):
    shop.write("shop/models.py", MODELS + "\n    class Person(models.Model): ...\n")
    shop.add_settings("AUTH_USER_MODEL = 'shop.Person'")
    listens = "@receiver(post_save, sender=settings.AUTH_USER_MODEL)\ndef listens(**kwargs): ...\n"
    assert found(shop, f"from django.conf import settings\n{listens}") == []


@pytest.mark.parametrize("label", ["auth.User", "auth.user"])
@pytest.mark.parametrize("signal", ["opened", "post_save"])
def test_e004_a_model_that_is_swapped_out(new_project, signal, label):
    project = new_project("heliograph", "django.contrib.auth", "shop")
    project.write("shop/models.py", MODELS + USER)
    project.add_settings("AUTH_USER_MODEL = 'shop.User'")
    listens = f"@receiver({signal}, sender={label!r})\ndef listens(**kwargs): ...\n"
    project.write("shop/receivers.py", HEAD + listens)
    done = project.manage("check")
    assert "(heliograph.E004) shop.receivers.listens" in done.stderr
    assert f"has the sender {label!r}, which is swapped out" in done.stderr
    assert "auth.User is replaced by shop.User: use settings.AUTH_USER_MODEL." in done.stderr
    explained = project.manage("signals", "explain", signal, "--sender", "shop.User")
    assert "hears only auth.User, which is replaced by shop.User and sends nothing" in explained.stdout


def test_e005_is_what_check_says_of_a_wrong_setting(shop):
    shop.add_settings('HELIOGRAPH = {"DISCOVRE": True}')
    done = shop.manage("check", "--tag", "heliograph")
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert "(heliograph.E005) HELIOGRAPH has no option 'DISCOVRE'. Did you mean 'DISCOVER'?" in done.stderr


@pytest.mark.parametrize(
    ("discover", "imported"), [({}, True), ({"DISCOVER": True}, True), ({"DISCOVER": False}, False)]
)
def test_a_process_without_checks_logs_a_wrong_setting_and_goes_on_with_the_rest(shop, discover, imported):
    shop.write("shop/receivers.py", HEAD + "print('imported')\n")
    shop.add_settings(f"HELIOGRAPH = { ({'COLOUR': 'red'} | discover)!r}")
    done = shop.run("print('started')")
    assert done.stdout == ("imported\nstarted\n" if imported else "started\n")
    assert "A wrong setting is left aside: HELIOGRAPH has no option 'COLOUR'." in done.stderr


def test_e005_a_setting_that_is_wrong(shop):
    done = shop.run(
        """
        from django.core.checks import run_checks
        from django.test import override_settings

        for value in ({"DISCOVRE": True}, {"DISCOVER": 1}, "yes", {"DISCOVER": True}, {}):
            with override_settings(HELIOGRAPH=value):
                print([(message.id, message.msg) for message in run_checks(tags=["heliograph"])])
        """
    )
    wrong, mistyped, text, right, empty = done.stdout.splitlines()
    assert "heliograph.E005" in wrong
    assert "Did you mean 'DISCOVER'?" in wrong
    assert "heliograph.E005" in mistyped
    assert "heliograph.E005" in text
    assert right == empty == "[]"


LISTENS = (
    "from heliograph import receiver\nfrom shop.models import Painting\n\n@receiver(None)\ndef listens(**kwargs): ...\n"
)


@pytest.mark.parametrize("module", ["handlers.py", "orders/events.py", "signal/handler.py"])
def test_w001_a_module_with_a_receiver_that_nobody_imports(shop, module):
    shop.write(f"shop/{module}", LISTENS)
    ((check, text),) = found(shop)
    assert check == "heliograph.W001"
    assert f"shop.{module.removesuffix('.py').replace('/', '.')} has a receiver (line 5)" in text


def test_w001_for_djangos_decorator_in_its_long_form_too(shop):
    shop.write(
        "shop/handlers.py", "import django.dispatch\n@django.dispatch.receiver(None)\nasync def listens(): ...\n"
    )
    assert [check for check, _ in found(shop)] == ["heliograph.W001"]


@pytest.mark.parametrize(
    "module", ["tests/test_a.py", "test_a.py", "tests.py", "migrations/a.py", "conftest.py", "a_test.py"]
)
def test_w001_not_for_tests_and_migrations(shop, module):
    shop.write(f"shop/{module}", LISTENS)
    assert found(shop) == []


IMPORTS_HANDLERS = """
    from django.apps import AppConfig

    class ShopConfig(AppConfig):
        name = "shop"

        def ready(self):
            import handlers
"""


def test_w001_not_for_a_module_that_is_imported_under_whatever_name(shop):
    shop.write(
        "shop/handlers.py", "import heliograph.receivers\ndef receiver(f): return f\n@receiver\ndef listens(): ...\n"
    )
    shop.write("shop/apps.py", IMPORTS_HANDLERS)
    shop.add_settings(f"import sys; sys.path.append({str(shop.folder / 'shop')!r})")
    assert found(shop) == []


def test_w001_not_for_sources_without_a_receiver_or_without_sense(shop):
    shop.write("shop/one.py", "# receiver\nreceiver = 1\n")
    shop.write("shop/two.py", "@receiver(\n")
    shop.write("shop/three.py", b"\xff\xfe receiver heliograph")
    shop.write("shop/four.py", b"import heliograph\n@receiver\n\x00")
    assert found(shop) == []


@pytest.mark.parametrize("name", [".#models.py", "models_.py"])
def test_w001_not_for_a_link_to_nowhere_such_as_an_editors_lock(shop, name):
    (shop.folder / "shop" / name).symlink_to("somebody@somewhere.1234")
    assert found(shop) == []


@pytest.mark.parametrize("module", ["run-this.py", "not-a-package/handlers.py", "management/commands/listen.py"])
def test_w001_not_for_what_is_not_imported_by_name_or_only_when_it_is_run(shop, module):
    shop.write(f"shop/{module}", LISTENS)
    assert found(shop) == []


@pytest.mark.parametrize(
    "source",
    [
        "from phones import receiver\n@receiver\ndef listens(): ...\n",
        "import heliograph\ndef connect():\n    @heliograph.receiver(None)\n    def listens(**kwargs): ...\n",
    ],
    ids=["somebody else's decorator", "inside a function"],
)
def test_w001_not_for_a_decorator_that_connects_nothing_on_import(shop, source):
    shop.write("shop/handlers.py", source)
    assert found(shop) == []


@pytest.mark.parametrize(
    "source",
    [
        "import heliograph\nclass Shop:\n    @heliograph.receiver(None)\n    def listens(**kwargs): ...\n",
        "import heliograph\nif True:\n    @heliograph.receiver(None)\n    def listens(**kwargs): ...\n",
        "from django import conf, dispatch\n@dispatch.receiver(None)\ndef listens(**kwargs): ...\n",
    ],
    ids=["in a class", "under a condition", "django's module"],
)
def test_w001_for_whatever_an_import_would_connect(shop, source):
    shop.write("shop/handlers.py", source)
    assert [check for check, _ in found(shop)] == ["heliograph.W001"]


def test_w001_finds_them_without_importing_them(shop):
    shop.write("shop/handlers.py", LISTENS + "raise SystemExit('imported')\n")
    assert [check for check, _ in found(shop)] == ["heliograph.W001"]


WAL = {"transaction_mode": "IMMEDIATE", "init_command": "PRAGMA synchronous=NORMAL; PRAGMA journal_mode = wal;"}


@pytest.mark.parametrize(
    ("options", "missing"),
    [
        ({}, "no write-ahead log and no immediate transactions"),
        ({"transaction_mode": "DEFERRED", "init_command": "PRAGMA journal_mode=WAL"}, "no immediate transactions"),
        ({"transaction_mode": "immediate"}, "no write-ahead log:"),
        ({"transaction_mode": "IMMEDIATE", "init_command": "PRAGMA journal_mode=DELETE"}, "no write-ahead log:"),
        (WAL, None),
    ],
)
def test_w002_sqlite_in_a_file_without_wal_or_immediate(shop, options, missing):
    shop.add_settings(f'DATABASES["default"].update(NAME="shop.sqlite3", OPTIONS={options!r})')
    messages = found(shop)
    assert [check for check, _ in messages] == (["heliograph.W002"] if missing else [])
    assert missing is None or missing in messages[0][1]


def test_w002_not_for_a_file_that_is_in_wal_mode_already(shop):
    shop.add_settings('DATABASES["default"].update(NAME="shop.sqlite3", OPTIONS={"transaction_mode": "IMMEDIATE"})')
    assert [check for check, _ in found(shop)] == ["heliograph.W002"]
    shop.run("from django.db import connection; connection.cursor().execute('PRAGMA journal_mode=WAL')")
    assert found(shop) == []


@pytest.mark.parametrize("name", [":memory:", "file:shop?mode=memory&cache=shared"])
def test_w002_not_in_memory(shop, name):
    shop.add_settings(f'DATABASES["default"].update(NAME={name!r})')
    assert found(shop) == []


def test_w002_names_each_alias_and_no_other_kind_of_database(shop):
    shop.add_settings(
        """
        DATABASES["archive"] = {"ENGINE": "django.db.backends.sqlite3", "NAME": "archive.sqlite3"}
        DATABASES["server"] = {"ENGINE": "django.db.backends.dummy", "NAME": "server"}
        """
    )
    messages = found(shop)
    assert [check for check, _ in messages] == ["heliograph.W002"]
    assert "'archive'" in messages[0][1]


SHARED = "A bare save() is one transaction with its record for"


def saving(receivers):
    """Receivers of a model that is saved, with a durable one on line 9."""
    return "@receiver(post_save, sender=Painting, durable=True)\ndef index(**kwargs): ...\n" + receivers


def test_i001_a_receiver_inside_the_transaction_of_a_recorded_save(shop):
    note = "@receiver([pre_save, post_save], sender=Painting)\ndef note(**kwargs): ...\n"
    everyone = "def everyone(**kwargs): ...\npre_save.connect(everyone)\n"
    shop.write("shop/receivers.py", HEAD + saving("from django.db.models.signals import pre_save\n" + note + everyone))
    done = shop.manage("check")
    told = (
        f"shop.Painting: (heliograph.I001) {SHARED} shop.receivers.index (shop/receivers.py:8). Inside that "
        "transaction run also: shop.receivers.note (shop/receivers.py:11), "
        "shop.receivers.everyone (shop/receivers.py:13)."
    )
    assert done.returncode == 0
    assert told in done.stderr + done.stdout
    shop.add_settings('SILENCED_SYSTEM_CHECKS = ["heliograph.I001"]')
    assert found(shop) == []


def test_i001_once_for_each_model(shop):
    shop.write("shop/models.py", MODELS + "\n    class Drawing(Work): ...\n\n    class Frame(models.Model): ...\n")
    both = "@receiver(post_save, sender=Work, subclasses=True, durable=True)\ndef index(**kwargs): ...\n"
    messages = found(shop, both + "@receiver(post_save)\ndef note(**kwargs): ...\n")
    assert [check for check, _ in messages] == ["heliograph.I001"] * 2


@pytest.mark.parametrize(
    "receivers",
    [
        "",
        "@receiver(post_save, sender=Painting, on_commit=True)\ndef note(**kwargs): ...\n",
        "@receiver(post_save, sender=Painting, durable=True)\ndef note(**kwargs): ...\n",
        "@receiver(opened, sender=Painting)\ndef note(**kwargs): ...\n",
        "@receiver(post_save, sender='contenttypes.ContentType')\ndef note(**kwargs): ...\n",
        "import uuid\npost_save.connect(uuid.uuid5)\n",
    ],
    ids=["none", "after the commit", "durable", "another signal", "another sender", "a library's, of all senders"],
)
def test_i001_not_for_receivers_that_run_elsewhere(shop, receivers):
    assert "heliograph.I001" not in [check for check, _ in found(shop, saving(receivers))]


def test_i001_not_where_no_receiver_is_durable(shop):
    assert found(shop, "@receiver(post_save)\ndef note(**kwargs): ...\n") == []
