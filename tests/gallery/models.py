"""Models for tests."""

from django.db import models


class Work(models.Model):
    """An abstract model."""

    title = models.CharField(max_length=50, unique=True)

    class Meta:
        abstract = True


class Painting(Work):
    """A child of an abstract model."""


class Sculpture(Work):
    """Another one."""


class Bronze(Sculpture):
    """A child with a table of its own, above its parent's."""

    weight = models.IntegerField(default=1)


class SmallPainting(Painting):
    """A proxy."""

    class Meta:
        proxy = True


class Visit(models.Model):
    """What receivers write in tests."""

    note = models.CharField(max_length=50)
    painting = models.ForeignKey(Painting, models.CASCADE, null=True)
