"""The store's database: a SQLite file, or PostgreSQL by its DSN."""

from typing import Any


def database(name: str) -> dict[str, Any]:
    """Return the entry for DATABASES that `name` asks for.

    Args:
        name: The path of a SQLite file, or a DSN that begins with `postgresql://`.
    """
    if name.startswith(("postgresql://", "postgres://")):
        return postgresql(name)
    return sqlite(name)


def sqlite(path: str) -> dict[str, Any]:
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": path,
        "OPTIONS": {
            # Readers do not wait for the writer.
            "init_command": "PRAGMA journal_mode=WAL",
            # A transaction takes the write lock when it begins: two of them queue up, and none fails half-way.
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
        },
    }


def postgresql(dsn: str) -> dict[str, Any]:
    # Imported here because the store runs on SQLite without a PostgreSQL driver.
    from psycopg.conninfo import conninfo_to_dict

    options = conninfo_to_dict(dsn)
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": options.pop("dbname", ""),
        "USER": options.pop("user", ""),
        "PASSWORD": options.pop("password", ""),
        "HOST": options.pop("host", ""),
        "PORT": options.pop("port", ""),
        "OPTIONS": options,
    }
