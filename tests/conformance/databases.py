"""How the conformance tests use their databases: committing, as in production, and emptied quickly behind each test."""

import pytest
from django.db.backends.postgresql.operations import DatabaseOperations

#: In autocommit, on every database. Without Django's own apps there are no permissions to be written before each test.
COMMITTING = pytest.mark.django_db(transaction=True, databases="__all__", available_apps=["gallery", "heliograph"])

#: The same with the tables of Django's own apps.
COMMITTING_USERS = pytest.mark.django_db(transaction=True, databases="__all__")

#: Below this size the rows of a table are deleted, beyond it the table is truncated.
SMALL_BYTES = 1_000_000

_EMPTY = """
do $$
declare
    named text;
begin
    set constraints all deferred;
    foreach named in array array[{names}] loop
        if pg_relation_size(named::regclass) >= {small} then
            execute 'truncate ' || named || ' cascade';
        else
            execute 'delete from ' || named;
        end if;
    end loop;
end $$;
"""


def empty_quickly(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have Django's flush delete the rows of small tables: truncating costs each table several writes to the disk."""
    truncate = DatabaseOperations.sql_flush

    def sql_flush(operations, style, tables, *, reset_sequences=False, allow_cascade=False):
        if reset_sequences or not tables:
            return truncate(operations, style, tables, reset_sequences=reset_sequences, allow_cascade=allow_cascade)
        names = ", ".join(f"'{operations.quote_name(table)}'" for table in tables)
        return [_EMPTY.format(names=names, small=SMALL_BYTES)]

    monkeypatch.setattr(DatabaseOperations, "sql_flush", sql_flush)
