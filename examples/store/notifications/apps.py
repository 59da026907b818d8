from django.apps import AppConfig


class NotificationsConfig(AppConfig):
    """Mail to customers."""

    name = "notifications"
