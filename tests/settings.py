"""Django settings of the test run: SQLite, and PostgreSQL where a server answers."""

import os
import tempfile
from urllib.parse import urlsplit

from servers import postgres_dsn

SECRET_KEY = "only for tests"
USE_TZ = True
INSTALLED_APPS = ["django.contrib.contenttypes", "django.contrib.auth", "gallery", "heliograph"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": ":memory:",
        "TEST": {"NAME": ":memory:"},
        "OPTIONS": {"transaction_mode": "IMMEDIATE"},
    },
    # A second database, in a file: one that can be closed and opened again.
    "archive": {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": ":memory:",
        "TEST": {"NAME": os.path.join(tempfile.gettempdir(), f"heliograph_test_{os.getpid()}.sqlite3")},
        "OPTIONS": {"transaction_mode": "IMMEDIATE"},
    },
}
if dsn := postgres_dsn():
    server = urlsplit(dsn)
    DATABASES["postgres"] = {
        "ENGINE": "django.db.backends.postgresql",
        "HOST": server.hostname or "",
        "PORT": str(server.port or ""),
        "USER": server.username or "",
        "PASSWORD": server.password or "",
        "NAME": server.path.lstrip("/"),
        "TEST": {"NAME": f"heliograph_test_{os.getpid()}"},
    }
