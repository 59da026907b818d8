"""The one who buys."""

from django.conf import settings
from django.db import models


class Customer(models.Model):
    """A user as the store sees them; made by a receiver whenever a user is created."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="customer")
    phone = models.CharField(max_length=40, blank=True)

    def __str__(self) -> str:
        return self.user.get_username()
