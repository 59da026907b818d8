"""Whom a receiver hears: one sender, a model by its label, a class with all its subclasses."""
