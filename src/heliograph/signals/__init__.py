"""Signals as Django's users know them: Django's class over the dispatch core, and the typed form."""
