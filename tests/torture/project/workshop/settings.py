"""Settings of the workshop, from the environment: which database, which options of Heliograph, which receivers."""

import json
import os

SECRET_KEY = "only for tests"
USE_TZ = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
INSTALLED_APPS = ["django.contrib.contenttypes", "workshop.apps.WorkshopConfig", "heliograph"]
DATABASES = {"default": json.loads(os.environ["WORKSHOP_DATABASE"])}
HELIOGRAPH = {"OUTSIDE_TRANSACTION": "allow", **json.loads(os.environ.get("WORKSHOP_OPTIONS", "{}"))}
CREW = os.environ.get("WORKSHOP_CREW", "mixed")
"""The module of ``workshop.crews`` whose receivers this process has."""
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"plain": {"format": "%(asctime)s %(process)d %(threadName)s %(name)s %(levelname)s %(message)s"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "plain"}},
    "root": {"handlers": ["stderr"], "level": "INFO"},
}
