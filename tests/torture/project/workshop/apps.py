"""The workshop as an app, with the crew that the settings name."""

import importlib

from django.apps import AppConfig
from django.conf import settings


class WorkshopConfig(AppConfig):
    """Has the receivers of one crew."""

    name = "workshop"

    def ready(self) -> None:
        importlib.import_module(f"workshop.crews.{settings.CREW}")
