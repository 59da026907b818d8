"""The store's settings for the tests: passwords that cost nothing, mail in files, and the receivers that fail."""

import os

import django
from config.settings import *  # noqa: F403
from config.settings import INSTALLED_APPS

INSTALLED_APPS = [*INSTALLED_APPS[:-1], "faulty", INSTALLED_APPS[-1]]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]

MAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
MAIL_FOLDER = os.environ.get("STORE_MAIL_FOLDER", "")
if django.VERSION >= (6, 1):
    MAILERS = {"default": {"BACKEND": MAIL_BACKEND, "OPTIONS": {"file_path": MAIL_FOLDER}}}
else:
    EMAIL_BACKEND, EMAIL_FILE_PATH = MAIL_BACKEND, MAIL_FOLDER
