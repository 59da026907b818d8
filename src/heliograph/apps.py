"""Heliograph among a project's installed apps."""

from __future__ import annotations

import logging

from django.apps import AppConfig
from django.conf import settings
from django.db.models.signals import post_migrate

from heliograph.discovery import import_receivers
from heliograph.settings import options, problems

logger = logging.getLogger("heliograph")


class HeliographConfig(AppConfig):
    """Imports the receivers of the installed apps, and makes ready for the durable ones among them."""

    name = "heliograph"
    verbose_name = "Heliograph"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from heliograph import checks
        from heliograph.delivery.registration.register import after_migrate
        from heliograph.model_signals.save import install

        checks.register()
        install()
        post_migrate.connect(after_migrate, sender=self, dispatch_uid="heliograph.registration")
        given = getattr(settings, "HELIOGRAPH", {})
        wrong = problems(given)
        if wrong:
            # Commands stop at the check heliograph.E005; a server, which runs no checks, goes on with the defaults.
            logger.error("A wrong setting is left aside: %s", " ".join(wrong))
        if not (isinstance(given, dict) and given.get("DISCOVER") is False):
            import_receivers()
        if options().worker(debug=settings.DEBUG) == "thread":
            from heliograph.delivery.worker.in_process import start_with_first_request

            start_with_first_request()
