"""The store's settings for the tests: passwords that cost nothing, and the receivers that fail."""

from config.settings import *  # noqa: F403
from config.settings import INSTALLED_APPS

INSTALLED_APPS = [*INSTALLED_APPS[:-1], "faulty", INSTALLED_APPS[-1]]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
