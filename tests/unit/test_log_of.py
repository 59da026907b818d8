"""A database that can have no log is told, with what to do."""

from types import SimpleNamespace

import pytest

from heliograph.errors import UnsupportedDatabaseError
from heliograph.log.log import log_of


@pytest.mark.parametrize(
    ("vendor", "display_name", "driver", "told"),
    [
        ("mysql", "MariaDB", "MySQLdb", "'shop' is MariaDB. Connect the receivers of its signals without durable=True"),
        ("postgresql", "PostgreSQL", "psycopg2", r"'shop' is reached through psycopg2. Install \"psycopg\[binary\]"),
    ],
    ids=["another kind of database", "an older driver"],
)
def test_what_it_says(vendor, display_name, driver, told):
    connection = SimpleNamespace(
        vendor=vendor, alias="shop", display_name=display_name, Database=SimpleNamespace(__name__=driver)
    )
    with pytest.raises(UnsupportedDatabaseError, match=told):
        log_of(connection)
