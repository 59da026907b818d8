from django.apps import AppConfig


class CoreConfig(AppConfig):
    """Users and sessions."""

    name = "core"
