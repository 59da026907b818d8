"""Discovery: which modules of a project's apps are imported at its start, and which are not."""

import pytest

LISTENS = """
    from django.core.signals import request_started
    from heliograph import receiver

    @receiver(request_started)
    def listens(**kwargs): ...
"""

LISTENS_WITHOUT_HELIOGRAPH = """
    from django.core.signals import request_started
    from django.dispatch import receiver

    @receiver(request_started)
    def listens(**kwargs): ...
"""

IMPORTED = "sorted(name for name in sys.modules if name.partition('.')[0] in ('shop', 'vendor', 'notices'))"

COUNT = """
    from django.core.signals import request_started
    from heliograph.observe.connected import connected
    count = [each.receiver.__qualname__ for each in connected(request_started)].count("listens")
"""


@pytest.fixture
def shop(new_project):
    return new_project("shop", "heliograph")


@pytest.mark.parametrize("module", ["signals", "signals.handlers", "receivers"])
def test_a_module_that_names_heliograph_is_imported(shop, module):
    if module == "signals.handlers":
        shop.write("shop/signals/__init__.py", "")
    shop.write(f"shop/{module.replace('.', '/')}.py", LISTENS)
    assert f"shop.{module}" in shop.json(IMPORTED)
    assert shop.json("count", COUNT) == 1


def test_a_package_that_names_heliograph_is_imported_with_the_handlers_in_it(shop):
    shop.write("shop/signals/__init__.py", "from heliograph import Signal\nopened = Signal()\n")
    shop.write(
        "shop/signals/handlers.py",
        LISTENS.replace("django.core.signals import request_started", "shop.signals import opened as request_started"),
    )
    assert shop.json("shop.signals.opened.has_listeners()", "import shop.signals") is True


@pytest.mark.parametrize("module", ["handlers", "models_signals", "tasks", "signal/handler"])
def test_a_module_of_another_name_is_not_imported(shop, module):
    shop.write(f"shop/{module}.py", LISTENS)
    assert shop.json(IMPORTED) == ["shop"]


def test_a_module_that_does_not_name_heliograph_is_left_to_its_ready(shop):
    shop.write("shop/signals.py", LISTENS_WITHOUT_HELIOGRAPH)
    shop.write("shop/receivers.py", "heliographic = 1\n")
    assert shop.json(IMPORTED) == ["shop"]


def test_a_module_that_cannot_be_decoded_and_does_not_name_heliograph_is_left_alone(shop):
    shop.write("shop/signals.py", "caf\xe9 = 1".encode("latin-1"))
    assert shop.json(IMPORTED) == ["shop"]


def test_a_folder_without_a_module_is_passed_over(shop):
    shop.write("shop/signals/readme.txt", "heliograph")
    shop.write("shop/signals/handlers.py", LISTENS)
    assert shop.json("count", COUNT) == 1


def test_an_app_that_is_a_namespace_package_is_searched(new_project):
    project = new_project("heliograph")
    project.add_settings("INSTALLED_APPS += ['vendor.shop.apps.ShopConfig']")
    project.write(
        "vendor/shop/apps.py",
        """
        from pathlib import Path
        from django.apps import AppConfig

        class ShopConfig(AppConfig):
            name = "vendor.shop"
            label = "vendors_shop"
            path = str(Path(__file__).parent)
        """,
    )
    project.write("vendor/shop/receivers.py", LISTENS)
    assert project.json("count", COUNT) == 1


def test_an_app_that_is_a_single_module_is_passed_over(new_project):
    project = new_project("heliograph")
    project.add_settings("INSTALLED_APPS += ['single.SingleConfig']")
    project.write(
        "single.py",
        """
        from pathlib import Path
        from django.apps import AppConfig

        class SingleConfig(AppConfig):
            name = "single"
            path = str(Path(__file__).parent)
        """,
    )
    assert project.json("count", COUNT) == 0


ORDERED = """
    from django.apps import AppConfig

    class Config(AppConfig):
        name = "{app}"

        def ready(self):
            import sys
            sys.ready = [*getattr(sys, "ready", []), ("{app}", "shop.receivers" in sys.modules)]
"""


def test_receivers_are_imported_at_heliographs_place_among_the_apps(new_project):
    project = new_project("notices", "heliograph", "shop")
    project.write("notices/apps.py", ORDERED.format(app="notices"))
    project.write("shop/apps.py", ORDERED.format(app="shop"))
    project.write("shop/receivers.py", LISTENS)
    assert project.json("sys.ready") == [["notices", False], ["shop", True]]


def test_models_are_there_when_receivers_are_imported(new_project):
    project = new_project("heliograph", "shop")
    project.write("shop/models.py", "from django.db import models\nclass Order(models.Model): ...\n")
    project.write(
        "shop/receivers.py",
        """
        from django.apps import apps
        from django.db.models.signals import post_save
        from heliograph import receiver

        @receiver(post_save, sender=apps.get_model("shop.Order"))
        def listens(**kwargs): ...
        """,
    )
    assert project.json("apps.ready", "from django.apps import apps") is True


@pytest.mark.parametrize(
    ("broken", "error"),
    [("import no_such_module", "ModuleNotFoundError"), ("def (", "SyntaxError"), ("1 / 0", "ZeroDivisionError")],
)
def test_a_broken_module_fails_loudly_and_says_why_it_was_imported(shop, broken, error):
    shop.write("shop/signals/__init__.py", "")
    shop.write("shop/signals/handlers.py", f"import heliograph\n{broken}\n")
    done = shop.manage("check")
    assert done.returncode == 1
    assert error in done.stderr
    assert "heliograph was importing shop.signals.handlers, which holds receivers of the app 'shop'" in done.stderr
    assert 'HELIOGRAPH = {"DISCOVER": False}' in done.stderr


READY = """
    from django.apps import AppConfig

    class ShopConfig(AppConfig):
        name = "shop"

        def ready(self):
            import {module}
"""


def test_importing_in_ready_too_connects_nothing_twice(shop):
    shop.write("shop/apps.py", READY.format(module="shop.receivers"))
    shop.write("shop/receivers.py", LISTENS)
    assert shop.json("count", COUNT) == 1


def test_importing_under_another_name_too_connects_nothing_twice(shop):
    shop.write("shop/apps.py", READY.format(module="receivers"))
    shop.write("shop/receivers.py", LISTENS)
    shop.add_settings("import sys; sys.path.append('shop')")
    assert shop.json("[count, 'receivers' in sys.modules, 'shop.receivers' in sys.modules]", COUNT) == [1, True, True]


def test_two_apps_may_have_receivers_of_one_name_under_one_decorator(new_project):
    project = new_project("heliograph", "shop", "notices")
    for app in ("shop", "notices"):
        project.write(f"{app}/receivers.py", LISTENS.replace("def listens", "@transaction.atomic\n    def listens"))
        file = project.folder / app / "receivers.py"
        file.write_text("from django.db import transaction\n" + file.read_text())
    assert project.json("count", COUNT) == 2


def test_discover_false_imports_nothing(shop):
    shop.write("shop/receivers.py", LISTENS)
    shop.add_settings('HELIOGRAPH = {"DISCOVER": False}')
    assert shop.json(IMPORTED) == ["shop"]


@pytest.mark.parametrize(
    ("setting", "told"),
    [
        ({"DISCOVERY": False}, "HELIOGRAPH has no option 'DISCOVERY'. Did you mean 'DISCOVER'?"),
        ({"discover": False}, "HELIOGRAPH has no option 'discover'. Did you mean 'DISCOVER'?"),
        ({"COLOUR": "red"}, "HELIOGRAPH has no option 'COLOUR'. The options are: DISCOVER"),
        ({"DISCOVER": "no"}, "HELIOGRAPH['DISCOVER'] is of type bool, not 'no'."),
        ([], "HELIOGRAPH is a dictionary"),
    ],
)
def test_an_option_that_is_not_known_fails_the_check_and_names_the_nearest(shop, setting, told):
    shop.add_settings(f"HELIOGRAPH = {setting!r}")
    done = shop.manage("check")
    assert done.returncode == 1
    assert f"(heliograph.E005) {told}" in done.stderr
    assert "Traceback" not in done.stderr
