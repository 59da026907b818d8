"""Receivers that run in the sender's process: in a savepoint, or after the commit."""
