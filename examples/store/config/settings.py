"""Settings of the example store: what a project needs, and `heliograph` at the end of INSTALLED_APPS."""

import os
from pathlib import Path

import django

from config.database import database
from config.receiver_log import LOGGING  # noqa: F401 - a setting

BASE_DIR = Path(__file__).resolve().parent.parent

DEBUG = os.environ.get("STORE_DEBUG", "1") == "1"
SECRET_KEY = os.environ.get("STORE_SECRET_KEY", "for-the-example-only-set-STORE_SECRET_KEY-to-serve-real-customers")
ALLOWED_HOSTS = os.environ.get("STORE_HOSTS", "127.0.0.1,localhost,[::1]").split(",")

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "rest_framework",
    "core",
    "store",
    "warehouse",
    "loyalty",
    "notifications",
    "storefront",
    "demo",
]
# Finds the receivers of the apps above: no app imports them in `ready()`.
INSTALLED_APPS += ["heliograph"]

# Durable receivers run in processes of their own (`manage.py signals worker`), also under DEBUG.
HELIOGRAPH = {"WORKER": "process"}

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
ASGI_APPLICATION = "config.asgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]

# A SQLite file, or a PostgreSQL database named by its DSN (postgresql://user@host/name).
DATABASES = {"default": database(os.environ.get("STORE_DATABASE") or str(BASE_DIR / "db.sqlite3"))}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "core.User"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]

REST_FRAMEWORK = {
    # Basic comes first: its challenge makes an anonymous request a 401.
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "core.authentication.ChallengingBasicAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
}

# Mail goes to a server (host:port), or is printed.
MAIL_HOST, _, MAIL_PORT = os.environ.get("STORE_MAIL_SERVER", "").partition(":")
MAIL_BACKEND = f"django.core.mail.backends.{'smtp' if MAIL_HOST else 'console'}.EmailBackend"
if django.VERSION >= (6, 1):
    MAIL_OPTIONS = {"host": MAIL_HOST, "port": int(MAIL_PORT)} if MAIL_HOST else {}
    MAILERS = {"default": {"BACKEND": MAIL_BACKEND, "OPTIONS": MAIL_OPTIONS}}
else:
    EMAIL_BACKEND = MAIL_BACKEND
    EMAIL_HOST, EMAIL_PORT = MAIL_HOST, int(MAIL_PORT or 25)
DEFAULT_FROM_EMAIL = "Noonday <orders@noonday.example>"

LANGUAGE_CODE = "en-us"
TIME_ZONE = "UTC"
USE_TZ = True
STATIC_URL = "static/"
