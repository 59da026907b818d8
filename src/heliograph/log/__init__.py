"""The event log in a database: append, sequence, read."""
