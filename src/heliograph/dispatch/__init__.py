"""Signals within one process: who is connected, and calling them. Knows no Django."""
