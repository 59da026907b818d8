from django.apps import AppConfig


class DemoConfig(AppConfig):
    """The command behind make demo."""

    name = "demo"
