"""Django settings of one process of a contender."""

from durable_delivery.staging import stage

SECRET_KEY = "only for benchmarks"
USE_TZ = True
DEBUG = False
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
INSTALLED_APPS = ["django.contrib.contenttypes", "django.contrib.auth", "durable_delivery.shop", *stage().apps]
DATABASES = {"default": stage().database}
globals().update(stage().settings)
