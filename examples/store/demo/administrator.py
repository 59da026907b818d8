"""The demo's login for the admin."""

import secrets

from core.models import User

USERNAME = "admin"


def admin_password() -> str:
    """Give the administrator a new password, making the user if it is not there, and return it."""
    password = secrets.token_urlsafe(9)
    admin, _ = User.objects.get_or_create(
        username=USERNAME,
        defaults={"email": "admin@noonday.example", "is_staff": True, "is_superuser": True},
    )
    admin.set_password(password)
    admin.save(update_fields=["password"])
    return password
