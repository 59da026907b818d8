"""An app for tests: a few models with every kind of relation between classes."""
