"""What receivers of these tests write, and how it is read back."""

from django.db import transaction
from gallery.models import Painting, Visit


def visit(alias, note):
    """Write a row, as a receiver does."""
    Visit.objects.using(alias).create(note=note)


def visits(alias):
    """The notes of all rows, in the order of writing."""
    return list(Visit.objects.using(alias).order_by("pk").values_list("note", flat=True))


def break_a_constraint(alias):
    """Let the database refuse a statement, which in PostgreSQL spoils the transaction."""
    Painting.objects.using(alias).create(title="Twice")
    Painting.objects.using(alias).create(title="Twice")


class UndoError(Exception):
    """Raised to leave a block with a rollback."""


def rolled_back(alias):
    """A block whose transaction or savepoint is rolled back in the end."""
    return _RolledBack(alias)


class _RolledBack:
    def __init__(self, alias):
        self._atomic = transaction.atomic(using=alias)

    def __enter__(self):
        self._atomic.__enter__()

    def __exit__(self, kind, error, traceback):
        if kind is None:
            self._atomic.__exit__(UndoError, UndoError(), None)
        else:
            self._atomic.__exit__(kind, error, traceback)
