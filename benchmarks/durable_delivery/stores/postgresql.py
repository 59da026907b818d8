"""Databases of a PostgreSQL server."""

import contextlib
import os
from collections.abc import Iterator
from typing import Any

import psycopg
from psycopg import sql

from durable_delivery.stores.store import Execute

DEFAULT_DSN = "postgresql://postgres@127.0.0.1:5432/postgres"

#: What the log has of one database between two places, in bytes without full-page images: all, and of one table.
#: A record belongs to a database if it changes a block there, or if its transaction does.
_WAL = """
    with record as materialized (
        select xid::text::bigint xid, record_length - fpi_length bytes, block_ref
        from pg_get_wal_records_info(%(before)s, %(after)s)
    ), mine as (
        select distinct xid from record where xid <> 0 and block_ref like %(database)s
    )
    select coalesce(sum(bytes), 0)::float8,
           coalesce(sum(bytes) filter (where block_ref ~ %(table)s), 0)::float8
    from record where block_ref like %(database)s or xid in (select xid from mine)
"""

#: The server removes what no slot needs. A temporary one goes with its session.
_KEEP = "select pg_create_physical_replication_slot(%s, true, true)"
_LET_GO = "select pg_drop_replication_slot(slot_name) from pg_replication_slots where slot_name = %s"

#: The files of a table, its indexes and its sequence.
_FILES = """
    select pg_relation_filenode(oid) from pg_class where oid = 'shop_effect'::regclass
    union all select pg_relation_filenode(indexrelid) from pg_index where indrelid = 'shop_effect'::regclass
    union all select pg_relation_filenode(pg_get_serial_sequence('shop_effect', 'id')::regclass)
"""

#: Versions of rows that were superseded, other than the receivers' own.
_DEAD = "select coalesce(sum(n_tup_upd + n_tup_del), 0)::float8 from pg_stat_user_tables where relname <> 'shop_effect'"


class PostgreSQL:
    """A server, named by HELIOGRAPH_POSTGRES_DSN; a database of the run's own holds its connection.

    Args:
        prefix: begins the name of every database, unlike that of any other run.
        commit_delay_us: the sleep before each commit, set for the databases made here and for no other.
    """

    vendor = "postgresql"

    def __init__(self, prefix: str, *, commit_delay_us: int = 0) -> None:
        self._prefix = prefix
        self._delay = commit_delay_us
        self._dsn = os.environ.get("HELIOGRAPH_POSTGRES_DSN", DEFAULT_DSN)
        self._made: list[str] = []
        self._admin = psycopg.connect(self._dsn, autocommit=True)
        self.create("admin")
        self._admin.close()
        self._admin = self._connect("admin")
        self._inspects_wal = self._can_inspect_wal()

    def create(self, name: str, like: str = "template1") -> None:
        """Make a database, as a copy of another one of the run where that is named."""
        template = self._full(like) if like in self._made else like
        make = sql.SQL("create database {} template {}")
        self._admin.execute(make.format(sql.Identifier(self._full(name)), sql.Identifier(template)))
        self._made.append(name)
        if self._delay:
            for setting, value in (("commit_delay", self._delay), ("commit_siblings", 0)):
                alter = sql.SQL("alter database {} set {} = {}")
                given = map(sql.SQL, (setting, str(value)))
                self._admin.execute(alter.format(sql.Identifier(self._full(name)), *given))

    def drop(self, name: str) -> None:
        """Take a database away, with whoever is in it."""
        self._admin.execute(sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(self._full(name))))
        self._made.remove(name)

    def close(self) -> None:
        """Take all databases away."""
        self._admin.close()
        with psycopg.connect(self._dsn, autocommit=True) as self._admin:
            for name in list(self._made):
                self.drop(name)

    def settle(self, name: str) -> None:
        """Bring a backlog into the state that it would be in after a while."""
        self.rows(name, "vacuum analyze")

    def rest(self) -> None:
        """Have all that was written so far brought to the disk, so that nothing measured next waits for it."""
        self._admin.execute("checkpoint")

    def settings(self, name: str) -> dict[str, Any]:
        """Return a database as an entry of `DATABASES`."""
        server = self._admin.info
        return {
            "CONN_MAX_AGE": None,
            "ENGINE": "django.db.backends.postgresql",
            "HOST": server.host,
            "PORT": str(server.port),
            "USER": server.user,
            "PASSWORD": server.password,
            "NAME": self._full(name),
        }

    @contextlib.contextmanager
    def session(self, name: str) -> Iterator[Execute]:
        """Give a function that executes a statement in a database and returns its rows."""
        with self._connect(name) as connection:

            def execute(statement: str) -> list[Any]:
                cursor = connection.execute(statement)
                return cursor.fetchall() if cursor.description else []

            yield execute

    def rows(self, name: str, statement: str) -> list[Any]:
        """Execute one statement in a database and return its rows."""
        with self.session(name) as execute:
            return execute(statement)

    def wal_place(self) -> str:
        """Return how far the server's log has come, and let the server keep it from here on."""
        self._flush()
        if self._inspects_wal:
            self._admin.execute(_LET_GO, [self._prefix])
            self._admin.execute(_KEEP, [self._prefix])
        ((lsn,),) = self._admin.execute("select pg_current_wal_flush_lsn()::text").fetchall()
        return str(lsn)

    def wal_bytes(self, name: str, before: str, after: str) -> tuple[float, float] | None:
        """Return what one database has written to the log between two places: all, and its effects' share.

        Full-page images are left out: they tell of checkpoints. None where the server cannot tell.
        """
        if not self._inspects_wal:
            return None
        ((oid,),) = self.rows(name, "select oid from pg_database where datname = current_database()")
        files = "|".join(str(file) for (file,) in self.rows(name, _FILES))
        self._flush()
        given = {"before": before, "after": after, "database": f"%/{oid}/%", "table": f"/{oid}/({files}) "}
        ((everything, effects),) = self._admin.execute(_WAL, given).fetchall()
        return everything, effects

    def dead_rows(self, name: str) -> float:
        """Return how many versions of rows were superseded in a database since it was made."""
        ((dead,),) = self.rows(name, _DEAD)
        return float(dead)

    def _connect(self, name: str) -> psycopg.Connection[Any]:
        return psycopg.connect(self._dsn, dbname=self._full(name), autocommit=True)

    def _full(self, name: str) -> str:
        return f"{self._prefix}_{name}"

    def _can_inspect_wal(self) -> bool:
        try:
            self._admin.execute("create extension pg_walinspect")
        except psycopg.Error:  # not installed, or not a superuser
            return False
        return True

    def _flush(self) -> None:
        """Bring the server's log to the disk: only from there can it be read."""
        self._admin.execute("select pg_logical_emit_message(true, 'benchmark', '')")
