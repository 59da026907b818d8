"""The store's users."""

from django.contrib.auth.models import AbstractUser
from django.db import models


class User(AbstractUser):
    """Someone who can log in; one e-mail address belongs to one user."""

    email = models.EmailField("e-mail address", unique=True)
