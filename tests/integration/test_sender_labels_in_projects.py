"""Labels of models in projects as they come: apps with labels of their own, a user model of one's own."""

import pytest

CONFIG = """
    from django.apps import AppConfig

    class Config(AppConfig):
        name = "{name}"
        label = "{label}"
"""

MODELS = """
    from django.contrib.auth.base_user import AbstractBaseUser
    from django.db import models

    class Person(AbstractBaseUser):
        USERNAME_FIELD = "name"
        REQUIRED_FIELDS = []
        name = models.CharField(max_length=9, unique=True)
"""

RECEIVERS = """
    from django.conf import settings
    from django.db.models.signals import post_save
    from heliograph import Signal, receiver

    opened, heard = Signal(), []

    @receiver([opened, post_save], sender={sender})
    def listens(sender, **kwargs):
        heard.append(sender.__name__)
"""

SENDS = """
    from {app}.models import Person
    from {app}.receivers import heard, opened
    from django.db.models.signals import post_save
    opened.send(Person)
    post_save.send(Person, instance=Person())
"""


@pytest.mark.parametrize("label", ["club", "Club", "the_Club"])
@pytest.mark.parametrize("name", ["members", "vendor.members"])
def test_a_model_is_named_by_the_label_of_its_app(new_project, name, label):
    project = new_project("heliograph")
    folder = name.replace(".", "/")
    project.add_settings(f"INSTALLED_APPS += ['{name}']")
    project.write("vendor/__init__.py", "")
    project.write(f"{folder}/__init__.py", "")
    project.write(f"{folder}/apps.py", CONFIG.format(name=name, label=label))
    project.write(f"{folder}/models.py", MODELS)
    project.write(f"{folder}/receivers.py", RECEIVERS.format(sender=f"'{label}.Person'"))
    assert project.json("heard", SENDS.format(app=name)) == ["Person", "Person"]
    assert "heliograph.E004" not in project.manage("check").stderr


@pytest.mark.parametrize("early", [True, False], ids=["before the model is there", "after it is there"])
def test_the_user_model_of_the_project_is_heard_by_its_setting(new_project, early):
    project = new_project("heliograph", "django.contrib.auth", "members")
    project.add_settings("AUTH_USER_MODEL = 'members.Person'")
    project.write("members/models.py", ("    import members.receivers\n" if early else "") + MODELS)
    project.write("members/receivers.py", RECEIVERS.format(sender="settings.AUTH_USER_MODEL"))
    assert project.json("heard", SENDS.format(app="members")) == ["Person", "Person"]
