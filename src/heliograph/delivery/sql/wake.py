"""Waking workers on PostgreSQL. The channel has the number of the log's table: schemas do not wake each other."""

from __future__ import annotations

#: The channel of the log that the session's search path leads to.
CHANNEL = "select 'heliograph_' || 'heliograph_event'::regclass::oid"

#: Tells who listens there that events have been committed. It need not outlive a crash, so nobody waits for the disk.
NOTIFY = """
    select set_config('synchronous_commit', 'off', true),
           pg_notify('heliograph_' || 'heliograph_event'::regclass::oid, '')
"""
