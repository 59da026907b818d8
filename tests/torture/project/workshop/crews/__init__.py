"""Receivers of the workshop, a module for each kind of torture."""
