"""The statements that make a PostgreSQL session one of Heliograph's own."""

from __future__ import annotations

#: What the server, the database or the role gives a transaction that does not ask.
ISOLATION = "show default_transaction_isolation"

READ_COMMITTED = "set default_transaction_isolation to 'read committed'"

#: Gives up where somebody holds a table's lock for longer: the sender itself may be the one.
LOCK_TIMEOUT = "set local lock_timeout = '10s'"
